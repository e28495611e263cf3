package format_test

import (
	"encoding/json"
	"net/http"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/local/internal/arrival"
	"github.com/lambridge-go/lambridge/local/internal/door"
	"github.com/lambridge-go/lambridge/local/internal/format"
)

// What each format makes of what a function returned, as it stands in testdata/replies.
func TestReplies(t *testing.T) {
	t.Parallel()
	for file, f := range map[string]format.Format{
		"rest": format.REST{}, "httpv1": format.HTTPv1{}, "httpv2": format.HTTPv2{}, "functionurl": format.FunctionURL{},
		"alb": format.ALB{}, "albmulti": format.ALBMulti{}, "lattice": format.LatticeV1{},
	} {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			compareAnswers(t, file, f.Decode)
		})
	}
	t.Run("lattice 2.0", func(t *testing.T) {
		t.Parallel()
		compareAnswers(t, "lattice", format.LatticeV2{}.Decode)
	})
}

// The head of an answer is made of the metadata that a stream begins with.
func TestPreludes(t *testing.T) {
	t.Parallel()
	for file, f := range map[string]format.StreamFormat{"rest-stream": format.REST{}, "functionurl-stream": format.FunctionURL{}} {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			compareAnswers(t, file, f.DecodePrelude)
		})
	}
}

// compareAnswers decodes the replies of a file and compares what comes of each.
func compareAnswers(t *testing.T, file string, decode func(*arrival.Arrival, []byte) (*door.Answer, error)) {
	var rows []struct {
		Name             string
		Reply            string
		Accept           string
		BinaryMediaTypes []string

		Status   int
		Header   http.Header
		Body     string
		Warnings []string

		Refused string
		Failure door.Failure
	}
	text, err := os.ReadFile("testdata/replies/" + file + ".json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &rows))
	require.NotEmpty(t, rows)
	for _, row := range rows {
		t.Run(row.Name, func(t *testing.T) {
			t.Parallel()
			a := &arrival.Arrival{API: &arrival.API{BinaryMediaTypes: row.BinaryMediaTypes}, Header: http.Header{}}
			if row.Accept != "" {
				a.Header.Set("Accept", row.Accept)
			}
			reply := []byte(row.Reply)
			answer, err := decode(a, reply)
			clear(reply) // of which the answer keeps nothing
			if row.Refused != "" {
				if row.Failure == "" {
					row.Failure = door.BadReply
				}
				assert.Equal(t, &door.Refusal{Failure: row.Failure, Reason: row.Refused}, err)
				return
			}
			require.NoError(t, err)
			if row.Header == nil {
				row.Header = http.Header{}
			}
			assert.Equal(t, row.Status, answer.Status)
			assert.Equal(t, row.Header, answer.Header)
			assert.Equal(t, row.Body, string(answer.Body))
			assert.Equal(t, row.Warnings, answer.Warnings)
		})
	}
}
