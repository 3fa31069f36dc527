"""Python's list: methods, operators and the built-in functions that make lists.

`resize` and `rotate` are intrinsics: compiled code gets them from inference (infer/list.c); the bodies here
are what the interpreter runs.  Functions get indices that are in range where their names say so.
"""

from .. import implements


def resize(self, n):
    """Cut the list, or give it new items that are about to be assigned."""
    del self[n:]
    self.extend([None] * (n - len(self)))


def rotate(self, start, end):
    """Move an item to another place; those between move by one."""
    self.insert(end, self.pop(start))


# ---- making


@implements("list.of")
def list_of(values):
    """Return list(values)."""
    result = []
    for x in values:
        result.append(x)
    return result


@implements("list.copy")
def copy(self):
    """Return a list of the same items."""
    return list_of(self)


@implements("list.concat")
def concat(self, other):
    """Return self + other."""
    result = list_of(self)
    extend(result, other)
    return result


@implements("list.repeat")
def repeat(self, n):
    """Return self * n."""
    result = []
    for _ in range(n):
        for x in self:
            result.append(x)
    return result


@implements("list.repeat_inplace")
def repeat_inplace(self, n):
    """Do self *= n."""
    size = len(self)
    if n <= 0:
        resize(self, 0)
    for _ in range(1, n):
        for i in range(size):
            self.append(self[i])


@implements("list.extend")
def extend(self, values):
    """Append each of the values; of itself those it has before."""
    if isinstance(values, list):
        for i in range(len(values)):
            self.append(values[i])
    else:
        for x in values:
            self.append(x)


# ---- places


def place_of(self, index, message):
    """Return the index counted from the first item, or raise an IndexError."""
    n = len(self)
    place = index + n if index < 0 else index
    if place < 0 or place >= n:
        raise IndexError(message)
    return place


@implements("list.pop")
def pop(self, index=-1):
    """Remove an item and return it."""
    if len(self) == 0:
        raise IndexError("pop from empty list")
    place = place_of(self, index, "pop index out of range")
    item = self[place]
    delete_item(self, place)
    return item


@implements("list.delete_item")
def delete_item(self, place):
    """Do del self[place], which is in range."""
    last = len(self) - 1
    rotate(self, place, last)
    resize(self, last)


@implements("list.insert")
def insert(self, index, item):
    """Put an item in front of a place, the nearest one there is."""
    n = len(self)
    place = index + n if index < 0 else index
    self.append(item)
    rotate(self, n, min(max(place, 0), n))


@implements("list.index")
def index_of(self, value, start=0, stop=9223372036854775807):
    """Return the first place from start, below stop, where an item equals the value."""
    n = len(self)
    first = max(start + n, 0) if start < 0 else start
    end = stop + n if stop < 0 else stop
    i = first
    while i < end and i < len(self):
        if self[i] == value:
            return i
        i += 1
    raise ValueError("%s is not in list" % value)


@implements("list.contains")
def contains(self, value):
    """Tell whether an item equals the value."""
    for x in self:
        if x == value:
            return True
    return False


@implements("list.count")
def count(self, value):
    """Return how many items equal the value."""
    total = 0
    for x in self:
        if x == value:
            total += 1
    return total


@implements("list.remove")
def remove(self, value):
    """Remove the first item that equals the value."""
    for i in range(len(self)):
        if self[i] == value:
            delete_item(self, i)
            return
    raise ValueError("list.remove(x): x not in list")


@implements("list.clear")
def clear(self):
    """Remove all items."""
    resize(self, 0)


@implements("list.reverse")
def reverse(self):
    """Turn the order of the items around."""
    n = len(self)
    for i in range(n // 2):
        item = self[i]
        self[i] = self[n - 1 - i]
        self[n - 1 - i] = item


# ---- slices: the first place, how many, and the step are known


@implements("list.get_slice")
def get_slice(self, start, n, step):
    """Return self[slice]."""
    result = []
    for i in range(n):
        result.append(self[start + i * step])
    return result


@implements("list.set_slice")
def set_slice(self, start, n, step, values):
    """Do self[slice] = values; a slice of consecutive items may change its size."""
    items = list_of(values)
    m = len(items)
    if step != 1 and m != n:
        raise ValueError("attempt to assign sequence of size %d to extended slice of size %d" % (m, n))
    if m > n:
        open_gap(self, start + n, m - n)
    elif m < n:
        close_gap(self, start + m, n - m)
    for i in range(m):
        self[start + i * step] = items[i]


def open_gap(self, place, n):
    """Make room for n items in front of a place."""
    size = len(self)
    if n > 0 and size > 0:
        for _ in range(n):
            self.append(self[size - 1])
        for i in range(size - 1, place - 1, -1):
            self[i + n] = self[i]
    elif n > 0:
        resize(self, n)


def close_gap(self, place, n):
    """Remove n items from a place on."""
    size = len(self)
    for i in range(place, size - n):
        self[i] = self[i + n]
    resize(self, size - n)


@implements("list.delete_slice")
def delete_slice(self, start, n, step):
    """Do del self[slice]."""
    first = start if step > 0 else start + (n - 1) * step
    width = step if step > 0 else -step
    size = len(self)
    kept = first
    for i in range(first, size):
        gone = (i - first) % width == 0 and (i - first) // width < n
        if not gone:
            self[kept] = self[i]
            kept += 1
    if n > 0:
        resize(self, kept)


# ---- order


@implements("list.equal")
def equal(self, other):
    """Return self == other."""
    if len(self) != len(other):
        return False
    for i in range(len(self)):
        if self[i] != other[i]:
            return False
    return True


@implements("list.less")
def less(self, other):
    """Return self < other."""
    n = min(len(self), len(other))
    for i in range(n):
        if self[i] != other[i]:
            return self[i] < other[i]
    return len(self) < len(other)


@implements("list.less_equal")
def less_equal(self, other):
    """Return self <= other."""
    n = min(len(self), len(other))
    for i in range(n):
        if self[i] != other[i]:
            return self[i] <= other[i]
    return len(self) <= len(other)


RUN = 16  # items that are sorted by insertion


def sort_run(self, low, high):
    """Sort the items from low up to high by insertion."""
    for i in range(low + 1, high):
        item = self[i]
        j = i
        while j > low and item < self[j - 1]:
            self[j] = self[j - 1]
            j -= 1
        self[j] = item


def merge(source, target, low, middle, high):
    """Merge two sorted runs that lie side by side."""
    i = low
    j = middle
    for k in range(low, high):
        if i < middle and (j >= high or not source[j] < source[i]):
            target[k] = source[i]
            i += 1
        else:
            target[k] = source[j]
            j += 1


def sort_up(self):
    """Sort, stable: runs by insertion, then merged in pairs to and fro."""
    n = len(self)
    for low in range(0, n, RUN):
        sort_run(self, low, min(low + RUN, n))
    other = list_of(self)
    width = RUN
    while width < n:
        for low in range(0, n, 2 * width):
            merge(self, other, low, min(low + width, n), min(low + 2 * width, n))
        for i in range(n):
            self[i] = other[i]
        width = 2 * width


def sort_run_by(keys, self, low, high):
    """Sort keys, and the items with them, by insertion."""
    for i in range(low + 1, high):
        key = keys[i]
        item = self[i]
        j = i
        while j > low and key < keys[j - 1]:
            keys[j] = keys[j - 1]
            self[j] = self[j - 1]
            j -= 1
        keys[j] = key
        self[j] = item


def merge_by(keys, source, other_keys, target, low, middle, high):
    """Merge two runs by their keys."""
    i = low
    j = middle
    for k in range(low, high):
        if i < middle and (j >= high or not keys[j] < keys[i]):
            other_keys[k] = keys[i]
            target[k] = source[i]
            i += 1
        else:
            other_keys[k] = keys[j]
            target[k] = source[j]
            j += 1


def sort_up_by(keys, self):
    """Sort by keys, stable."""
    n = len(self)
    for low in range(0, n, RUN):
        sort_run_by(keys, self, low, min(low + RUN, n))
    other_keys = list_of(keys)
    other = list_of(self)
    width = RUN
    while width < n:
        for low in range(0, n, 2 * width):
            merge_by(keys, self, other_keys, other, low, min(low + width, n), min(low + 2 * width, n))
        for i in range(n):
            keys[i] = other_keys[i]
            self[i] = other[i]
        width = 2 * width


@implements("list.sort")
def sort(self, key=None, reverse=False):
    """Sort in place; equal items stay in order, also in reverse."""
    if reverse:
        turn(self)
    if key is None:
        sort_up(self)
    else:
        keys = []
        for x in self:
            keys.append(key(x))
        sort_up_by(keys, self)
    if reverse:
        turn(self)


turn = reverse


@implements("builtins.sorted")
def sorted_list(values, key=None, reverse=False):
    """Return a sorted list of the values."""
    result = list_of(values)
    sort(result, key, reverse)
    return result


# ---- tests of all


@implements("list.any")
def any_of(values):
    """Tell whether a value is true."""
    for x in values:
        if x:
            return True
    return False


@implements("list.all")
def all_of(values):
    """Tell whether all values are true."""
    for x in values:
        if not x:
            return False
    return True
