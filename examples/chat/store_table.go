package main

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// A tableStore keeps everything in one DynamoDB table, which any number of instances
// share. Its keys are two strings:
//
//	pk            sk               what
//	connection#ID -                the room and the name of a connection
//	room#ROOM     member#ID        the name of a connection in the room
//	room#ROOM     message#TIME-ID  a message
//
// A room is one partition: good for 1,000 writes a second and some thousand members.
// Every row has the attribute expires, which is the table's time to live, so that what
// no one removed goes by itself.
type tableStore struct {
	db    *dynamodb.Client
	table string
	now   func() time.Time
}

func newTableStore(db *dynamodb.Client, table string) *tableStore {
	return &tableStore{db: db, table: table, now: time.Now}
}

// item is a row of the table, by attribute.
type item = map[string]types.AttributeValue

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

func number(n int64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(n, 10)}
}

func connectionKey(id string) item { return item{"pk": text("connection#" + id), "sk": text("-")} }
func memberKey(m member) item {
	return item{"pk": text("room#" + m.Room), "sk": text("member#" + m.ID)}
}

// join writes the room's entry first: if the second write fails, the member hears the
// room and is asked to join again when it speaks. The other way round it would speak and
// hear nothing.
func (s *tableStore) join(ctx context.Context, m member) error {
	expires := number(s.now().Add(memberLife).Unix())
	inRoom := memberKey(m)
	inRoom["name"], inRoom["expires"] = text(m.Name), expires
	byID := connectionKey(m.ID)
	byID["room"], byID["name"], byID["expires"] = text(m.Room), text(m.Name), expires
	for _, row := range []item{inRoom, byID} {
		if err := s.put(ctx, row); err != nil {
			return fmt.Errorf("chat: join: %w", err)
		}
	}
	return nil
}

func (s *tableStore) find(ctx context.Context, id string) (*member, error) {
	out, err := s.db.GetItem(ctx, &dynamodb.GetItemInput{TableName: &s.table, Key: connectionKey(id), ConsistentRead: aws.Bool(true)})
	if err != nil {
		return nil, fmt.Errorf("chat: find a connection: %w", err)
	}
	if out.Item == nil {
		return nil, nil
	}
	return &member{ID: id, Room: textOf(out.Item, "room"), Name: textOf(out.Item, "name")}, nil
}

func (s *tableStore) forget(ctx context.Context, m member) (was bool, err error) {
	_, err = s.db.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: &s.table, Key: connectionKey(m.ID)})
	if err != nil {
		return false, fmt.Errorf("chat: forget a connection: %w", err)
	}
	out, err := s.db.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: &s.table, Key: memberKey(m), ReturnValues: types.ReturnValueAllOld})
	if err != nil {
		return false, fmt.Errorf("chat: forget a member: %w", err)
	}
	return out.Attributes != nil, nil
}

func (s *tableStore) members(ctx context.Context, room string) ([]member, error) {
	var members []member
	pages := dynamodb.NewQueryPaginator(s.db, s.query(room, "member#"))
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("chat: list members: %w", err)
		}
		for _, row := range page.Items {
			members = append(members, member{ID: textOf(row, "sk")[len("member#"):], Room: room, Name: textOf(row, "name")})
		}
	}
	return members, nil
}

func (s *tableStore) say(ctx context.Context, room string, m message) error {
	row := item{
		"pk": text("room#" + room), "sk": text("message#" + m.ID),
		"key": text(m.Key), "from": text(m.From), "text": text(m.Text), "at": number(m.At),
		"expires": number(s.now().Add(messageLife).Unix()),
	}
	if err := s.put(ctx, row); err != nil {
		return fmt.Errorf("chat: keep a message: %w", err)
	}
	return nil
}

func (s *tableStore) history(ctx context.Context, room string, n int) ([]message, error) {
	query := s.query(room, "message#")
	query.ScanIndexForward = aws.Bool(false) // the last n, newest first
	query.Limit = aws.Int32(int32(n))
	out, err := s.db.Query(ctx, query)
	if err != nil {
		return nil, fmt.Errorf("chat: list messages: %w", err)
	}
	var messages []message
	for _, row := range out.Items {
		at, err := strconv.ParseInt(numberOf(row, "at"), 10, 64)
		if err != nil {
			return nil, fmt.Errorf("chat: list messages: %w", err)
		}
		messages = append(messages, message{ID: textOf(row, "sk")[len("message#"):], Key: textOf(row, "key"), From: textOf(row, "from"), Text: textOf(row, "text"), At: at})
	}
	slices.Reverse(messages)
	return messages, nil
}

// query asks for the rows of a room whose sort key begins with prefix.
func (s *tableStore) query(room, prefix string) *dynamodb.QueryInput {
	return &dynamodb.QueryInput{
		TableName:                 &s.table,
		ConsistentRead:            aws.Bool(true),
		KeyConditionExpression:    aws.String("pk = :room AND begins_with(sk, :prefix)"),
		ExpressionAttributeValues: item{":room": text("room#" + room), ":prefix": text(prefix)},
	}
}

func (s *tableStore) put(ctx context.Context, row item) error {
	_, err := s.db.PutItem(ctx, &dynamodb.PutItemInput{TableName: &s.table, Item: row})
	return err
}

func textOf(row item, name string) string {
	if v, ok := row[name].(*types.AttributeValueMemberS); ok {
		return v.Value
	}
	return ""
}

func numberOf(row item, name string) string {
	if v, ok := row[name].(*types.AttributeValueMemberN); ok {
		return v.Value
	}
	return ""
}
