# A 32-bit absolute reference: right only where the address happens to fit, so it must be refused here.
        .text
        .globl  get
get:    leaq    value(,%rdi,4), %rax
        ret
        .data
value:  .long   1
