//go:build !purego

#include "go_asm.h"
#include "textflag.h"

// PLACE looks the 32 bytes at off(SI) up in the tables for one place of a gram:
// lo by their lower halves, hi by their upper ones. Those above ASCII are not
// looked up in lo, which gives 0. To gets the buckets that either excludes.
#define PLACE(off, lo, hi, to) \
	VMOVDQU off(SI), Y9  \
	VPSRLW  $4, Y9, Y10  \
	VPAND   Y8, Y10, Y10 \
	VPSHUFB Y9, lo, Y9   \
	VPSHUFB Y10, hi, Y10 \
	VPOR    Y9, Y10, to

// GRAMS looks up the grams that begin at each of the 32 bytes at off(SI).
#define GRAMS(off, to) \
	PLACE(off+0, Y0, Y1, to)  \
	PLACE(off+1, Y2, Y3, Y11) \
	VPOR Y11, to, to          \
	PLACE(off+2, Y4, Y5, Y11) \
	VPOR Y11, to, to          \
	PLACE(off+3, Y6, Y7, Y11) \
	VPOR Y11, to, to

// func sieveBlocks(s *sieve, text *byte, blocks int, marks *[sieveMarks]sieveMark) (done, marked int)
TEXT ·sieveBlocks(SB), NOSPLIT, $0-48
	MOVQ s+0(FP), AX
	MOVQ text+8(FP), SI
	MOVQ blocks+16(FP), CX
	MOVQ marks+24(FP), DI
	VBROADCASTI128 0(AX), Y0
	VBROADCASTI128 16(AX), Y1
	VBROADCASTI128 32(AX), Y2
	VBROADCASTI128 48(AX), Y3
	VBROADCASTI128 64(AX), Y4
	VBROADCASTI128 80(AX), Y5
	VBROADCASTI128 96(AX), Y6
	VBROADCASTI128 112(AX), Y7
	MOVQ $0x0f0f0f0f0f0f0f0f, AX
	MOVQ AX, X8
	VPBROADCASTQ X8, Y8
	VPCMPEQB Y15, Y15, Y15 // ones
	XORQ DX, DX // blocks done
	XORQ BX, BX // marks made
	JMP test

loop:
	GRAMS(0, Y12)
	GRAMS(32, Y13)
	ADDQ $64, SI
	VPAND Y12, Y13, Y14
	VPTEST Y15, Y14
	JCC mark // a bucket is not excluded

next:
	INCQ DX

test:
	CMPQ DX, CX
	JLT loop
	JMP end

mark:
	VPCMPEQB Y12, Y15, Y12
	VPCMPEQB Y13, Y15, Y13
	VPMOVMSKB Y12, R8
	VPMOVMSKB Y13, R9
	SHLQ $32, R9
	ORQ R9, R8
	NOTQ R8
	MOVQ DX, 0(DI)
	MOVQ R8, 8(DI)
	ADDQ $16, DI
	INCQ BX
	CMPQ BX, $const_sieveMarks
	JLT next
	INCQ DX

end:
	VZEROUPPER
	MOVQ DX, done+32(FP)
	MOVQ BX, marked+40(FP)
	RET

// func hasAVX2() bool
TEXT ·hasAVX2(SB), NOSPLIT, $0-1
	MOVB $0, ret+0(FP)
	XORL AX, AX
	CPUID
	CMPL AX, $7
	JLT no
	MOVL $1, AX
	XORL CX, CX
	CPUID
	ANDL $0x18000000, CX // the system saves registers with XSAVE; AVX
	CMPL CX, $0x18000000
	JNE no
	XORL CX, CX
	XGETBV
	ANDL $6, AX // it saves those of AVX
	CMPL AX, $6
	JNE no
	MOVL $7, AX
	XORL CX, CX
	CPUID
	SHRL $5, BX // AVX2
	ANDL $1, BX
	MOVB BX, ret+0(FP)

no:
	RET
