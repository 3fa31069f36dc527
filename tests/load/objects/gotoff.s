# A relocation of the large code model.
        .text
        .globl  get
get:    movabsq $value@GOTOFF, %rax
        ret
        .data
value:  .long   1
