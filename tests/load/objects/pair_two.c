/* The second of two objects that call each other. */
extern int outer_value;
int count_up(int n);

int count_down(int n) {
    return n == outer_value ? -n : count_up(n - 1);
}
