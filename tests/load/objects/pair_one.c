/* The first of two objects that call each other. */
int count_down(int n);
static const int step = 3;

int count_up(int n) {
    return n >= 100 ? n : count_down(n + step);
}
