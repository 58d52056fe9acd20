/* Where the machine starts: memory as C wants it, then rv_main. Traps have a stack of their own, for one may be of the stack. */
	.option norelax
	.section .boot, "ax"
	j 1f
1:	la t0, _start
	jr t0

	.section .init, "ax"
	.globl _start
_start:
	csrw mie, zero
	la t0, trap
	csrw mtvec, t0
	la t0, rv_trap_stack_top
	csrw mscratch, t0
	la a0, rv_data
	la a1, rv_data_end
	la a2, rv_data_from
1:	bgeu a0, a1, 2f
	lw t0, 0(a2)
	sw t0, 0(a0)
	addi a0, a0, 4
	addi a2, a2, 4
	j 1b
2:	la a0, rv_bss
	la a1, rv_bss_end
3:	bgeu a0, a1, 4f
	sw zero, 0(a0)
	addi a0, a0, 4
	j 3b
4:	la a0, rv_stack
	la a1, rv_stack_top
	li t0, 0x5a5a5a5a
5:	sw t0, 0(a0)
	addi a0, a0, 4
	bltu a0, a1, 5b
	mv sp, a1
	la tp, rv_tls
	call rv_main
6:	j 6b

	.align 2
trap:
	csrrw sp, mscratch, sp
	csrr a0, mcause
	csrr a1, mepc
	csrr a2, mtval
	csrr a3, mscratch
	la t0, rv_trap_stack_top
	csrw mscratch, t0
	call rv_trap
	j 6b
