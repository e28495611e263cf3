package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// A store keeps which connections are open and what they subscribe to. Any instance of the
// function may serve any message, so all share it. In AWS it is a table: the connection is
// the partition key, the subscription the sort key, and a second index lists the
// subscriptions by what they are about.
type store interface {
	// open notes that a connection has introduced itself. errTwice says it had before.
	open(connection string) error
	// check returns errNotOpen if it has not.
	check(connection string) error
	// add keeps a subscription. errNotOpen, errTwice and errTooMany say what breaks the
	// protocol or a bound.
	add(connection string, s subscription) error
	// remove forgets one, close all of a connection. What is not there is forgotten.
	remove(connection, id string) error
	close(connection string) error
	// all returns the subscriptions by their connections.
	all() (map[string][]subscription, error)
}

// A subscription is an operation that a client knows by an id.
type subscription struct {
	ID        string    `json:"id"`
	Operation operation `json:"operation"`
}

var (
	errTwice   = errors.New("graphql: there is one already")
	errNotOpen = errors.New("graphql: the connection has not been acknowledged")
	errTooMany = errors.New("graphql: too many subscriptions")
)

// maxSubscriptions is how many a connection may have.
const maxSubscriptions = 100

// A folder is a store on this machine, which all instances on it share: a connection is a
// folder in it, and a subscription a file there.
type folder struct{ dir string }

func newFolder(dir string) folder { return folder{dir} }

func (f folder) open(connection string) error {
	if err := os.MkdirAll(f.dir, 0o700); err != nil {
		return fmt.Errorf("graphql: store: %w", err)
	}
	return checked(os.Mkdir(f.connection(connection), 0o700))
}

func (f folder) check(connection string) error {
	if _, err := os.Stat(f.connection(connection)); errors.Is(err, fs.ErrNotExist) {
		return errNotOpen
	} else if err != nil {
		return fmt.Errorf("graphql: store: %w", err)
	}
	return nil
}

func (f folder) add(connection string, s subscription) error {
	others, err := os.ReadDir(f.connection(connection))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return errNotOpen
	case err != nil:
		return fmt.Errorf("graphql: store: %w", err)
	case len(others) >= maxSubscriptions:
		return errTooMany
	}
	b, err := json.Marshal(s)
	if err != nil {
		return err
	}
	// A file gets its name when it is whole, and only if no other has it.
	whole, err := os.CreateTemp(f.dir, "new-")
	if err != nil {
		return fmt.Errorf("graphql: store: %w", err)
	}
	defer os.Remove(whole.Name())
	_, err = whole.Write(b)
	if err := errors.Join(err, whole.Close()); err != nil {
		return fmt.Errorf("graphql: store: %w", err)
	}
	return checked(os.Link(whole.Name(), f.subscription(connection, s.ID)))
}

func (f folder) remove(connection, id string) error {
	if err := os.Remove(f.subscription(connection, id)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("graphql: store: %w", err)
	}
	return nil
}

func (f folder) close(connection string) error {
	return checked(os.RemoveAll(f.connection(connection)))
}

func (f folder) all() (map[string][]subscription, error) {
	files, err := filepath.Glob(filepath.Join(f.dir, "*=", "*.json"))
	if err != nil {
		return nil, err
	}
	all := make(map[string][]subscription)
	for _, name := range files {
		b, err := os.ReadFile(name)
		if errors.Is(err, fs.ErrNotExist) { // has just gone
			continue
		}
		var s subscription
		if err == nil {
			err = json.Unmarshal(b, &s)
		}
		if err != nil {
			return nil, fmt.Errorf("graphql: store: %w", err)
		}
		connection := filepath.Base(filepath.Dir(name))
		all[connection] = append(all[connection], s)
	}
	return all, nil
}

// connection is the folder of one. Ids are API Gateway's: base64 for URLs.
func (f folder) connection(id string) string { return filepath.Join(f.dir, filepath.Base(id)) }

// subscription is the file of one, whose id may be any text.
func (f folder) subscription(connection, id string) string {
	sum := sha256.Sum256([]byte(id))
	return filepath.Join(f.connection(connection), hex.EncodeToString(sum[:])+".json")
}

func checked(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, fs.ErrExist):
		return errTwice
	}
	return fmt.Errorf("graphql: store: %w", err)
}
