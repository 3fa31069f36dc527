/* An object with thread-local storage: the loader refuses it by name. */
_Thread_local int per_thread;
int get(void) {
    return per_thread;
}
