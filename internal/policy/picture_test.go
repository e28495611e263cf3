package policy_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The picture of the house shows imports that there are.
func TestPictureOfTheHouse(t *testing.T) {
	page, err := os.ReadFile("../../docs/design.md")
	require.NoError(t, err)
	_, section, found := strings.Cut(string(page), "\n## The house\n")
	require.True(t, found)
	section, _, _ = strings.Cut(section, "\n## ")
	packages, rooms := list(t), map[string]string{}
	for _, room := range regexp.MustCompile(`(?m)^ +(\w+)\["([^"]+)"\]$`).FindAllStringSubmatch(section, -1) {
		rooms[room[1]] = module + "/" + room[2]
	}
	arrows := regexp.MustCompile(`(?m)^ +(\w+) --> (.+)$`).FindAllStringSubmatch(section, -1)
	require.NotEmpty(t, arrows)
	for _, arrow := range arrows {
		for to := range strings.SplitSeq(arrow[2], " & ") {
			from := packages[rooms[arrow[1]]]
			require.NotEmpty(t, from.ImportPath, "there is no package %s", rooms[arrow[1]])
			assert.Contains(t, from.Imports, rooms[to], "%s --> %s", arrow[1], to)
		}
	}
}
