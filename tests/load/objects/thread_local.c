_Thread_local int per_thread;
int get(void) {
    return per_thread;
}
