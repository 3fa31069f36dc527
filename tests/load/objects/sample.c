/* An object with one of each thing the loader places and relocates. */
extern double outer(double x);
extern int outer_value;
extern int absent_weak(void) __attribute__((weak));

static const double table[4] = {1.5, 2.5, 3.5, 4.5};
static int counter = 40;
static double zeroed[1000];
static int one(void) {
    return 1;
}
static int two(void) {
    return 2;
}
static int (*const pointers[2])(void) = {one, two};
static int *counter_pointer = &counter;

double from_table(unsigned i) {
    return table[i & 3];
}
int next_count(void) {
    return ++*counter_pointer;
}
int through_pointer(unsigned i) {
    return pointers[i & 1]();
}
double call_out(double x) {
    return outer(x) + 1;
}
int read_out(void) {
    return outer_value;
}
int has_weak(void) {
    return absent_weak != 0;
}

double keep(unsigned i, double x) {
    double before = zeroed[i % 1000];
    zeroed[i % 1000] = x;
    return before;
}

int choose(int n) {
    switch (n) {
    case 0: return one();
    case 1: return next_count();
    case 2: return 17 * n;
    case 3: return n - 100;
    case 4: return n * n * n;
    case 5: return read_out();
    case 6: return n << 5;
    case 7: return through_pointer((unsigned)n);
    default: return -1;
    }
}
