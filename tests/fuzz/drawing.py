"""What writers of random programs share: drawing, fresh names, lines of text."""


class Drawing:
    """The lines written so far, and a random.Random (or hypothesis's own) that decides what comes next."""

    def __init__(self, random):
        self.random = random
        self.lines = []
        self.made = 0

    def pick(self, options):
        return self.random.choice(list(options))

    def chance(self, of):
        return self.random.randrange(of) == 0

    def number(self, low, high):
        return self.random.randint(low, high)

    def fresh(self, prefix):
        self.made += 1
        return f"{prefix}{self.made}"

    def emit(self, indent, text):
        self.lines.append("    " * indent + text)
