//go:build !purego

#include "go_asm.h"
#include "textflag.h"

// A place of the tables of a sieve is 64 bytes long: those of the first eight
// buckets, of the lower and of the upper halves of bytes, then those of the others.

// HALVES gets the 64 bytes at off(SI): as they are, of which VPSHUFB looks at the
// lower halves, and the upper halves. Bytes above ASCII it does not look up, which
// gives 0.
#define HALVES(off) \
	VMOVDQU off+0(SI), Y2  \
	VMOVDQU off+32(SI), Y3 \
	VPSRLW  $4, Y2, Y4     \
	VPSRLW  $4, Y3, Y5     \
	VPAND   Y0, Y4, Y4     \
	VPAND   Y0, Y5, Y5

// LOOK looks 64 bytes up in a table and adds the buckets that it excludes.
#define LOOK(table, halves1, halves2, to1, to2) \
	VBROADCASTI128 table(AX), Y6 \
	VPSHUFB halves1, Y6, Y7      \
	VPSHUFB halves2, Y6, Y8      \
	VPOR    Y7, to1, to1         \
	VPOR    Y8, to2, to2

// PLACE looks up the bytes at one place of the grams that begin at 64 bytes, in
// the tables of eight buckets.
#define PLACE(place) \
	HALVES(place) \
	LOOK(64*place+0, Y2, Y3, Y9, Y10)  \
	LOOK(64*place+16, Y4, Y5, Y9, Y10)

// WIDE is PLACE for sixteen buckets.
#define WIDE(place) \
	PLACE(place) \
	LOOK(64*place+32, Y2, Y3, Y11, Y12) \
	LOOK(64*place+48, Y4, Y5, Y11, Y12)

// BEGIN gets the arguments.
#define BEGIN \
	MOVQ s+0(FP), AX      \
	MOVQ text+8(FP), SI   \
	MOVQ blocks+16(FP), CX \
	MOVQ marks+24(FP), DI \
	MOVQ $0x0f0f0f0f0f0f0f0f, DX \
	MOVQ DX, X0           \
	VPBROADCASTQ X0, Y0   \
	VPCMPEQB Y1, Y1, Y1   \ // ones
	XORQ DX, DX           \ // blocks done
	XORQ BX, BX              // marks made

// MARK makes a mark of the bytes of Y9 and Y10 that are not all ones. If there are
// none the next mark takes its place.
#define MARK \
	VPCMPEQB Y9, Y1, Y9   \
	VPCMPEQB Y10, Y1, Y10 \
	VPMOVMSKB Y9, R8      \
	VPMOVMSKB Y10, R9     \
	SHLQ $32, R9          \
	ORQ R9, R8            \
	XORL R9, R9           \
	XORQ $-1, R8          \
	SETNE R9              \
	MOVQ DX, 0(DI)        \
	MOVQ R8, 8(DI)        \
	ADDQ R9, BX           \
	SHLQ $4, R9           \
	ADDQ R9, DI

// func sieveNarrow(s *sieve, text *byte, blocks int, marks *[sieveMarks]sieveMark) (done, marked int)
TEXT ·sieveNarrow(SB), NOSPLIT, $0-48
	BEGIN

loop:
	CMPQ DX, CX
	JGE end
	VPXOR Y9, Y9, Y9
	VPXOR Y10, Y10, Y10
	PLACE(0)
	PLACE(1)
	PLACE(2)
	PLACE(3)
	MARK
	ADDQ $64, SI
	INCQ DX
	CMPQ BX, $const_sieveMarks
	JLT loop

end:
	VZEROUPPER
	MOVQ DX, done+32(FP)
	MOVQ BX, marked+40(FP)
	RET

// func sieveWide(s *sieve, text *byte, blocks int, marks *[sieveMarks]sieveMark) (done, marked int)
TEXT ·sieveWide(SB), NOSPLIT, $0-48
	BEGIN

loop:
	CMPQ DX, CX
	JGE end
	VPXOR Y9, Y9, Y9
	VPXOR Y10, Y10, Y10
	VPXOR Y11, Y11, Y11
	VPXOR Y12, Y12, Y12
	WIDE(0)
	WIDE(1)
	WIDE(2)
	WIDE(3)
	WIDE(4)
	WIDE(5)
	VPAND Y9, Y11, Y9
	VPAND Y10, Y12, Y10
	MARK
	ADDQ $64, SI
	INCQ DX
	CMPQ BX, $const_sieveMarks
	JLT loop

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
