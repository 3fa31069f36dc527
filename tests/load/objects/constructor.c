/* An object with a constructor: the loader refuses it by name. */
static volatile int started;
__attribute__((constructor)) static void start(void) {
    started = 1;
}
int is_started(void) {
    return started;
}
