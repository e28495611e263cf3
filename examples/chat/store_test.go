package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lambridge-go/lambridge/internal/npm"
)

// stores are what every test of a store runs over.
func stores() map[string]func(*testing.T) store {
	return map[string]func(*testing.T) store{
		"memory": func(*testing.T) store { return newMachineStore("") },
		"file":   func(t *testing.T) store { return newMachineStore(filepath.Join(t.TempDir(), "chat.json")) },
		"table":  func(t *testing.T) store { return newTableStore(startDynamoDB(t), "chat") },
	}
}

func TestStore(t *testing.T) {
	for name, open := range stores() {
		t.Run(name, func(t *testing.T) {
			ctx := t.Context()
			s := open(t)
			ann := member{ID: "A1kmxc2VNjMCFIA=", Room: "tea", Name: "Ann"}
			bob := member{ID: "B1kmxc2VNjMCFIA=", Room: "tea", Name: "Bob"}
			cleo := member{ID: "C1kmxc2VNjMCFIA=", Room: "coffee", Name: "Cléo"}

			found, err := s.find(ctx, ann.ID)
			require.NoError(t, err)
			assert.Nil(t, found)
			none, err := s.members(ctx, "tea")
			require.NoError(t, err)
			assert.Empty(t, none)

			for _, m := range []member{bob, ann, cleo} {
				require.NoError(t, s.join(ctx, m))
			}
			found, err = s.find(ctx, ann.ID)
			require.NoError(t, err)
			assert.Equal(t, &ann, found)
			inTea, err := s.members(ctx, "tea")
			require.NoError(t, err)
			assert.Equal(t, []member{ann, bob}, inTea)

			was, err := s.forget(ctx, ann)
			require.NoError(t, err)
			assert.True(t, was)
			was, err = s.forget(ctx, ann)
			require.NoError(t, err)
			assert.False(t, was, "one is told, the next is not")
			inTea, err = s.members(ctx, "tea")
			require.NoError(t, err)
			assert.Equal(t, []member{bob}, inTea)

			var said []message
			now := time.Now()
			for i := range 7 {
				m := message{ID: newMessageID(now.Add(time.Duration(i) * time.Millisecond)), Key: fmt.Sprint(i), From: "Bob", Text: fmt.Sprint("line ", i), At: now.UnixMilli()}
				said = append(said, m)
				require.NoError(t, s.say(ctx, "tea", m))
			}
			last, err := s.history(ctx, "tea", 5)
			require.NoError(t, err)
			assert.Equal(t, said[2:], last)
			last, err = s.history(ctx, "coffee", 5)
			require.NoError(t, err)
			assert.Empty(t, last)
		})
	}
}

func TestMachineStoreIsShared(t *testing.T) {
	path := filepath.Join(t.TempDir(), "chat.json")
	ann := member{ID: "A", Room: "tea", Name: "Ann"}
	require.NoError(t, newMachineStore(path).join(t.Context(), ann))
	found, err := newMachineStore(path).find(t.Context(), "A")
	require.NoError(t, err)
	assert.Equal(t, &ann, found, "another instance, or the same after a reload")
}

func TestMachineStoreForgetsWhatIsOld(t *testing.T) {
	s := newMachineStore("")
	now := time.Now()
	s.now = func() time.Time { return now }
	require.NoError(t, s.join(t.Context(), member{ID: "A", Room: "tea"}))
	require.NoError(t, s.say(t.Context(), "tea", message{ID: "1", At: now.UnixMilli()}))

	now = now.Add(memberLife + 1)
	found, err := s.find(t.Context(), "A")
	require.NoError(t, err)
	assert.Nil(t, found)
	now = now.Add(messageLife)
	last, err := s.history(t.Context(), "tea", 1)
	require.NoError(t, err)
	assert.Empty(t, last)
}

func TestMachineStoreIsBounded(t *testing.T) {
	s := newMachineStore("")
	for i := range maxMachineMessages + 10 {
		require.NoError(t, s.say(t.Context(), "tea", message{ID: fmt.Sprint(i), At: time.Now().UnixMilli()}))
	}
	last, err := s.history(t.Context(), "tea", 1000)
	require.NoError(t, err)
	assert.Len(t, last, maxMachineMessages)
	for i := range maxMachineMembers {
		require.NoError(t, s.join(t.Context(), member{ID: fmt.Sprint(i)}))
	}
	assert.ErrorContains(t, s.join(t.Context(), member{ID: "more"}), "full of members")
}

// startDynamoDB starts a server that speaks DynamoDB's protocol and makes the table
// of template.yaml.
func startDynamoDB(t *testing.T) *dynamodb.Client {
	t.Helper()
	dir := installed(t, "dynalite@4.0.0")
	ctx, stop := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, "node", "-e", `
		const server = require("dynalite")({createTableMs: 0});
		server.listen(0, "127.0.0.1", () => console.log(server.address().port));`)
	cmd.Dir = dir
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		stop()
		cmd.Wait()
	})
	port, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err, "dynalite did not start")

	db := dynamodb.New(dynamodb.Options{
		BaseEndpoint: aws.String("http://127.0.0.1:" + strings.TrimSpace(port)),
		Region:       "eu-west-1",
		Credentials:  credentials.NewStaticCredentialsProvider("test", "test", ""),
	})
	_, err = db.CreateTable(t.Context(), &dynamodb.CreateTableInput{
		TableName:            aws.String("chat"),
		BillingMode:          types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("pk"), AttributeType: "S"}, {AttributeName: aws.String("sk"), AttributeType: "S"}},
		KeySchema:            []types.KeySchemaElement{{AttributeName: aws.String("pk"), KeyType: "HASH"}, {AttributeName: aws.String("sk"), KeyType: "RANGE"}},
	})
	require.NoError(t, err)
	require.NoError(t, dynamodb.NewTableExistsWaiter(db, func(o *dynamodb.TableExistsWaiterOptions) {
		o.MinDelay, o.MaxDelay = 5*time.Millisecond, 50*time.Millisecond
	}).Wait(t.Context(), &dynamodb.DescribeTableInput{TableName: aws.String("chat")}, 3*time.Minute))
	return db
}

// installed returns a folder with JavaScript packages, or skips the test. With
// LAMBRIDGE_REQUIRE_TOOLS=1 it fails it.
func installed(t *testing.T, packages ...string) string {
	t.Helper()
	dir, err := npm.Install(t.Context(), packages...)
	if err != nil && os.Getenv("LAMBRIDGE_REQUIRE_TOOLS") != "1" {
		t.Skip(err)
	}
	require.NoError(t, err)
	return dir
}
