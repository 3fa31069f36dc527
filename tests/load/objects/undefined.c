/* An object that calls what nobody defines: the loader names the symbol. */
extern int nowhere_to_be_found(int x);
int ask(int x) {
    return nowhere_to_be_found(x) + 1;
}
