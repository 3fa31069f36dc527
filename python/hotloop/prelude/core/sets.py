"""Python's set: methods and operators over a hash table, place for place as CPython keeps it.

A set is its table: a list of pairs `(tag, key)`, found as `self._table` here and nowhere else.  The first
HEADER pairs hold counts in place of tags: keys, places that are not free, and where pop looks next.  Then a
table follows whose size is a power of two; with no key ever added there is neither.  A tag is FREE, REMOVED,
or odd: twice the hash, plus one.

Probing, growth and the order in which tables are walked are CPython's (setobject.c), so iteration and pop
give the keys in its order too.  What takes any iterable has a branch for sets.  These functions only run
compiled.
"""

from .. import implements
from .lists import resize

HEADER = 3
USED = 0
FILLED = 1
FINGER = 2

FREE = 0
REMOVED = 2

SMALLEST = 8
LINEAR_PROBES = 9
WITHOUT_SIGN = 0x07FFFFFFFFFFFFFF  # of a hash shifted by five


def tag_of(code):
    """Return what stands beside a key with this hash."""
    return 2 * code + 1


@implements("set.length")
def length(self):
    """Return len(self)."""
    table = self._table
    return table[USED][0] if len(table) > 0 else 0


@implements("set.next")
def next_place(self, place):
    """Return the first place from here on that holds a key, or where the table ends."""
    table = self._table
    end = len(table)
    while place < end and table[place][0] & 1 == 0:
        place += 1
    return place


# ---- one key


def find(table, key, code):
    """Return the place of a key, or -1."""
    if len(table) == 0:
        return -1
    mask = len(table) - HEADER - 1
    tag = tag_of(code)
    perturb = (code >> 5) & WITHOUT_SIGN
    i = code & mask
    while True:
        last = HEADER + (i + LINEAR_PROBES if i + LINEAR_PROBES <= mask else i)
        for place in range(HEADER + i, last + 1):
            found = table[place][0]
            if found == tag and table[place][1] == key:
                return place
            if found == FREE:
                return -1
        i = (i * 5 + 1 + perturb) & mask
        perturb >>= 5


def free_place(table, code):
    """Return the first free place for a key that is not there, in a table without removed keys."""
    mask = len(table) - HEADER - 1
    perturb = (code >> 5) & WITHOUT_SIGN
    i = code & mask
    while True:
        last = HEADER + (i + LINEAR_PROBES if i + LINEAR_PROBES <= mask else i)
        for place in range(HEADER + i, last + 1):
            if table[place][0] == FREE:
                return place
        i = (i * 5 + 1 + perturb) & mask
        perturb >>= 5


def new_size(least):
    """Return the size of a table for more than so many places."""
    size = SMALLEST
    while size <= least:
        size *= 2
    return size


def rebuild(table, least):
    """Give the table another size; removed keys leave no trace."""
    kept = []
    for place in range(HEADER, len(table)):
        if table[place][0] & 1:
            kept.append(table[place])
    resize(table, HEADER)
    resize(table, HEADER + new_size(least))
    for entry in kept:
        table[free_place(table, hash(entry[1]))] = entry
    table[FILLED] = (len(kept), table[FILLED][1])


def grow(table):
    """Make room after a key was added, or where many were removed."""
    used = table[USED][0]
    rebuild(table, used * 2 if used > 50000 else used * 4)


def begin(table, key):
    """Make the table of a set that gets its first key."""
    resize(table, HEADER + SMALLEST)
    table[USED] = (0, key)


def put(table, free, removed, entry):
    """Put a new key where one was removed, or else at a free place."""
    key = entry[1]
    table[free if removed < 0 else removed] = entry
    table[USED] = (table[USED][0] + 1, key)
    if removed < 0:
        filled = table[FILLED][0] + 1
        table[FILLED] = (filled, key)
        if filled * 5 >= (len(table) - HEADER - 1) * 3:
            grow(table)


@implements("set.add.one")
def add(self, key):
    """Add a key."""
    table = self._table
    if len(table) == 0:
        begin(table, key)
    code = hash(key)
    mask = len(table) - HEADER - 1
    tag = tag_of(code)
    perturb = (code >> 5) & WITHOUT_SIGN
    i = code & mask
    removed = -1
    while True:
        last = HEADER + (i + LINEAR_PROBES if i + LINEAR_PROBES <= mask else i)
        for place in range(HEADER + i, last + 1):
            found = table[place][0]
            if found == tag and table[place][1] == key:
                return
            if found == REMOVED:
                removed = place
            if found == FREE:
                put(table, place, removed, (tag, key))
                return
        i = (i * 5 + 1 + perturb) & mask
        perturb >>= 5


def take_away(table, place):
    """Remove the key at a place."""
    key = table[place][1]
    table[place] = (REMOVED, key)
    table[USED] = (table[USED][0] - 1, key)


def remove_if_there(self, key):
    """Remove a key and tell whether it was there."""
    table = self._table
    place = find(table, key, hash(key))
    if place < 0:
        return False
    take_away(table, place)
    return True


@implements("set.contains")
def contains(self, key):
    """Return key in self."""
    return find(self._table, key, hash(key)) >= 0


@implements("set.discard")
def discard(self, key):
    """Remove a key where it is there."""
    remove_if_there(self, key)


@implements("set.remove")
def remove(self, key):
    """Remove a key."""
    if not remove_if_there(self, key):
        raise KeyError(key)


@implements("set.pop")
def pop(self):
    """Remove a key and return it: the next one from where the last pop ended."""
    table = self._table
    if length(self) == 0:
        raise KeyError("pop from an empty set")
    mask = len(table) - HEADER - 1
    place = next_place(self, HEADER + (table[FINGER][0] & mask))
    if place == len(table):
        place = next_place(self, HEADER)
    key = table[place][1]
    take_away(table, place)
    table[FINGER] = (place - HEADER + 1, key)
    return key


@implements("set.clear")
def clear(self):
    """Remove all keys; pop goes on where it was."""
    table = self._table
    if len(table) > 0:
        key = table[FINGER][1]
        resize(table, HEADER)
        resize(table, HEADER + SMALLEST)
        table[USED] = (0, key)
        table[FILLED] = (0, key)


# ---- all keys of something


def copy_table(table, other):
    """Make the table the same as another one, but for where pop looks next."""
    finger = table[FINGER][0]
    resize(table, len(other))
    for place in range(len(other)):
        table[place] = other[place]
    table[FINGER] = (finger, other[FINGER][1])


def merge(self, other):
    """Add the keys of another set."""
    table = self._table
    added = length(other)
    if other is self or added == 0:
        return
    source = other._table
    if len(table) == 0:
        begin(table, source[USED][1])
    if (table[FILLED][0] + added) * 5 >= (len(table) - HEADER - 1) * 3:
        rebuild(table, (table[USED][0] + added) * 2)
    if table[FILLED][0] == 0 and len(table) == len(source) and source[FILLED][0] == added:
        copy_table(table, source)
    else:
        for key in other:
            self.add(key)


@implements("set.update.one")
def update(self, other):
    """Add each item of an iterable."""
    if isinstance(other, set):
        merge(self, other)
    else:
        for key in other:
            self.add(key)


@implements("set.update.other")
def update_other(self, other, original):
    """Add each item of an iterable that is not the set that this one is a copy of."""
    if isinstance(other, set):
        if other is not original:
            merge(self, other)
    else:
        update(self, other)


@implements("set.or")
def union(self, other):
    """Return the keys that are in one of two."""
    result = set()
    update(result, self)
    update_other(result, other, self)
    return result


@implements("set.of")
def set_of(values):
    """Return set(values)."""
    result = set()
    update(result, values)
    return result


@implements("set.copy")
def copy(self):
    """Return a set of the same keys."""
    return set_of(self)


@implements("set.take")
def take(self, other):
    """Become what another set is, which nothing else uses."""
    if other is not self:
        if length(other) > 0:
            copy_table(self._table, other._table)
        else:
            clear(self)


def add_common(self, values, result):
    """Add the values that are keys to the result."""
    for key in values:
        if contains(self, key):
            result.add(key)


@implements("set.intersection.one")
def intersection(self, other):
    """Return the keys that are in both; of two sets the smaller one is walked through."""
    result = set()
    if isinstance(other, set):
        if other is self:
            merge(result, self)
        elif length(other) > length(self):
            add_common(other, self, result)
        else:
            add_common(self, other, result)
    else:
        add_common(self, other, result)
    return result


def shrink(table):
    """Rebuild the table where removed keys fill more than a quarter of it."""
    if len(table) > 0:
        if table[FILLED][0] - table[USED][0] > (len(table) - HEADER - 1) // 4:
            grow(table)


@implements("set.difference_update.one")
def difference_update(self, other):
    """Remove each item of an iterable; of a much larger set only the common keys are looked at."""
    if isinstance(other, set):
        if other is self:
            clear(self)
            return
        if length(other) >> 3 > length(self):
            for key in intersection(self, other):
                remove_if_there(self, key)
        else:
            for key in other:
                remove_if_there(self, key)
    else:
        for key in other:
            remove_if_there(self, key)
    shrink(self._table)


@implements("set.difference.one")
def difference(self, other):
    """Return the keys that are not in an iterable; from a much larger set they are removed."""
    if isinstance(other, set):
        if length(self) >> 2 <= length(other):
            result = set()
            for key in self:
                if not contains(other, key):
                    result.add(key)
            return result
    result = set_of(self)
    difference_update(result, other)
    return result


@implements("set.symmetric_difference_update")
def symmetric_difference_update(self, other):
    """Remove the items of an iterable that are there, and add the others."""
    if isinstance(other, set):
        if other is self:
            clear(self)
            return
        for key in other:
            if not remove_if_there(self, key):
                self.add(key)
    else:
        symmetric_difference_update(self, set_of(other))


@implements("set.symmetric_difference")
def symmetric_difference(self, other):
    """Return the keys that are in one of two only."""
    result = set_of(other)
    symmetric_difference_update(result, self)
    return result


# ---- tests


@implements("set.issubset")
def issubset(self, other):
    """Tell whether all keys are in an iterable."""
    if isinstance(other, set):
        if length(self) > length(other):
            return False
        for key in self:
            if not contains(other, key):
                return False
        return True
    else:
        return length(intersection(self, other)) == length(self)


@implements("set.issuperset")
def issuperset(self, other):
    """Tell whether all items of an iterable are keys."""
    if isinstance(other, set):
        return issubset(other, self)
    else:
        for key in other:
            if not contains(self, key):
                return False
        return True


@implements("set.isdisjoint")
def isdisjoint(self, other):
    """Tell whether no item of an iterable is a key; of two sets the smaller one is walked through."""
    if isinstance(other, set):
        if length(other) > length(self):
            return isdisjoint_from(other, self)
        else:
            return isdisjoint_from(self, other)
    else:
        return isdisjoint_from(self, other)


def isdisjoint_from(self, values):
    """Tell whether none of the values is a key."""
    for key in values:
        if contains(self, key):
            return False
    return True


@implements("set.equal")
def equal(self, other):
    """Return self == other."""
    return length(self) == length(other) and issubset(self, other)


@implements("set.less")
def less(self, other):
    """Return self < other."""
    return length(self) < length(other) and issubset(self, other)
