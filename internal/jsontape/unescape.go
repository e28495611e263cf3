package jsontape

import (
	"encoding/binary"
	"math/bits"

	"github.com/lambridge-go/lambridge/internal/swar"
)

// decodeWords decodes what it can of a string from pos on and returns where it stopped:
// where out has no room left, near the end of the document, and at all but printable
// ASCII and short escapes.
//
// Eight bytes are copied whatever they are, and what an escape stands for takes its
// place. What follows it is read anew. The mask says that plain is below 8, and spares checks.
func decodeWords(out, doc []byte, pos int) (_ []byte, stopped int) {
	at, room := len(out), out[:cap(out)]
	for pos+9 <= len(doc) && at+8 <= len(room) {
		from, to := doc[pos:pos+9], room[at:at+8]
		word := binary.LittleEndian.Uint64(from)
		binary.LittleEndian.PutUint64(to, word)
		marks := swar.Unplain(word)
		if marks == 0 {
			at, pos = at+8, pos+8
			continue
		}
		plain := swar.First(marks) & 7
		short := unescaped[from[plain+1]]
		if from[plain] != '\\' || short == 0 {
			return room[:at+plain], pos + plain
		}
		to[plain] = short
		at, pos = at+plain+1, pos+plain+2
	}
	return room[:at], pos
}

// unescaped is what the character after a backslash stands for, 0 for those that
// may not follow one, and for the u, which more follows.
var unescaped = [256]byte{
	'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t',
}

// decodeBlocks decodes what decodeWords does, for strings that are long: what needs a closer
// look is found for 64 bytes at once, so that the processor need not guess where it is.
// What stands ahead of it is copied by sixteen bytes, whatever follows: the last of them
// are written over.
func decodeBlocks(out, doc []byte, pos int) (_ []byte, stopped int) {
	at, room := len(out), out[:cap(out)]
	dense := false // the block before has many escapes
	for pos+len(window{}) <= len(doc) && at+len(window{}) <= len(room) {
		block, begin := doc[pos:pos+len(window{})], at
		if dense {
			if read, written := decodeDense((*window)(room[at:]), (*window)(block)); read > 0 {
				at, pos = at+written, pos+read
				dense = written <= 64-many
				continue
			}
		}
		from := 0
		for marks := swar.SpecialOrHighBits((*[64]byte)(block)); marks != 0; {
			mark := bits.TrailingZeros64(marks)
			at = swar.CopyRun(room, at, block, from, mark)
			short := unescaped[block[mark+1]]
			if block[mark] != '\\' || short == 0 {
				return room[:at], pos + mark
			}
			room[at] = short
			at++
			from = mark + 2
			marks &= marks - 1
			marks &^= 2 << mark // what is escaped
		}
		escapes, end := from-(at-begin), max(from, 64)
		for ; from < 64; at, from = at+16, from+16 {
			*(*[16]byte)(room[at:]) = *(*[16]byte)(block[from:])
		}
		at, pos, dense = begin+end-escapes, pos+end, escapes >= many
	}
	return room[:at], pos
}

// A window is what a block of 64 bytes is read from or written to, with what is written
// behind its end.
type window [64 + 16]byte

// many is how many escapes in a block take longer one by one than decodeDense takes for it.
const many = 10

// decodeDense decodes a block of many escapes, for JSON within JSON is a quarter of them:
// their backslashes are taken out of eight bytes at once, wherever they stand. It reads
// nothing of a block that has something else that needs a closer look.
func decodeDense(to, block *window) (read, written int) {
	quotes, backslashes, plain := swar.QuoteBits((*[64]byte)(block[:64]))
	// In a row of backslashes every other one begins an escape. Rows are told apart by
	// whether they begin at an even or an odd place: a sum carries each to its end.
	const odd = 0xaaaaaaaaaaaaaaaa
	code := ((backslashes<<1 | odd) - backslashes) ^ odd
	begin, escaped := code&backslashes, code^backslashes
	if !plain || quotes&^escaped != 0 {
		return 0, 0
	}
	letters, done := escaped&^(quotes|backslashes), uint(0)
	for i, set := 0, begin; i < 64; i, set = i+8, set>>8 {
		word, out := binary.LittleEndian.Uint64(block[i:i+8]), &takenOut[uint8(set)]
		// From the last on, what stands behind a backslash moves up to its place.
		word ^= (word ^ word>>8) & out.behind[0]
		word ^= (word ^ word>>8) & out.behind[1]
		word ^= (word ^ word>>8) & out.behind[2]
		if out.left == 4 { // hardly ever
			word ^= (word ^ word>>8) & out.behind[3]
		}
		binary.LittleEndian.PutUint64(to[done&63:], word)
		done += out.left
	}
	for ; letters != 0; letters &= letters - 1 {
		letter := bits.TrailingZeros64(letters)
		short := unescaped[block[letter]]
		if short == 0 {
			return 0, 0
		}
		to[letter-bits.OnesCount64(begin&(1<<letter-1))] = short
	}
	// An escape that the block cuts off is left to the next.
	return 64 - int(begin>>63), int(done)
}

// takenOut tells, for each set of eight bytes no two of which stand side by side, what stands
// behind the last of it, and so on, and how many bytes are left.
var takenOut = func() (table [256]struct {
	behind [4]uint64
	left   uint
}) {
	for set := range table {
		out := &table[set]
		out.left = 8
		for place := 7; place >= 0; place-- {
			if set>>place&1 != 0 {
				out.behind[(8-out.left)&3] = ^uint64(0) << (8 * place)
				out.left--
			}
		}
	}
	return table
}()
