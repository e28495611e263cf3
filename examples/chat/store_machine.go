package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/gofrs/flock"
)

// A machineStore keeps everything in memory and, if it has a path, in a file there.
// Through the file the instances on one machine share it, and a rebuilt function
// finds its rooms again. In AWS every instance has a machine of its own: use a
// tableStore there.
type machineStore struct {
	path string
	now  func() time.Time

	mu    sync.Mutex
	state machineState
}

type machineState struct {
	Members  map[string]machineMember // by connection id
	Messages map[string][]message     // by room, oldest first
}

type machineMember struct {
	Name, Room string
	Since      time.Time
}

// The bounds of what strangers can fill.
const (
	maxMachineMembers  = 1000
	maxMachineRooms    = 100
	maxMachineMessages = 200 // of a room
)

// newMachineStore returns a store in the file at path, or in memory alone if path
// is "".
func newMachineStore(path string) *machineStore {
	return &machineStore{path: path, now: time.Now}
}

func (s *machineStore) join(ctx context.Context, m member) error {
	return s.with(ctx, func(state *machineState) error {
		if len(state.Members) >= maxMachineMembers {
			return errors.New("chat: the machine's store is full of members")
		}
		state.Members[m.ID] = machineMember{Name: m.Name, Room: m.Room, Since: s.now()}
		return nil
	})
}

func (s *machineStore) find(ctx context.Context, id string) (found *member, err error) {
	err = s.with(ctx, func(state *machineState) error {
		if m, ok := state.Members[id]; ok {
			found = &member{ID: id, Room: m.Room, Name: m.Name}
		}
		return nil
	})
	return found, err
}

func (s *machineStore) forget(ctx context.Context, m member) (was bool, err error) {
	err = s.with(ctx, func(state *machineState) error {
		_, was = state.Members[m.ID]
		delete(state.Members, m.ID)
		return nil
	})
	return was, err
}

func (s *machineStore) members(ctx context.Context, room string) (members []member, err error) {
	err = s.with(ctx, func(state *machineState) error {
		for id, m := range state.Members {
			if m.Room == room {
				members = append(members, member{ID: id, Room: room, Name: m.Name})
			}
		}
		return nil
	})
	slices.SortFunc(members, func(a, b member) int { return cmp.Compare(a.ID, b.ID) })
	return members, err
}

func (s *machineStore) say(ctx context.Context, room string, m message) error {
	return s.with(ctx, func(state *machineState) error {
		if _, ok := state.Messages[room]; !ok && len(state.Messages) >= maxMachineRooms {
			return errors.New("chat: the machine's store is full of rooms")
		}
		all := append(state.Messages[room], m)
		state.Messages[room] = all[max(0, len(all)-maxMachineMessages):]
		return nil
	})
}

func (s *machineStore) history(ctx context.Context, room string, n int) (last []message, err error) {
	err = s.with(ctx, func(state *machineState) error {
		all := state.Messages[room]
		last = slices.Clone(all[max(0, len(all)-n):])
		return nil
	})
	return last, err
}

// with runs use on the state, while no other instance does, and keeps what it changed.
func (s *machineStore) with(ctx context.Context, use func(*machineState) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.path != "" {
		lock := flock.New(s.path + ".lock")
		if _, err := lock.TryLockContext(ctx, 2*time.Millisecond); err != nil {
			return fmt.Errorf("chat: lock %q: %w", s.path, err)
		}
		defer lock.Close()
		if err := s.load(); err != nil {
			return err
		}
	}
	s.expire()
	if err := use(&s.state); err != nil {
		return err
	}
	return s.save()
}

func (s *machineStore) load() error {
	s.state = machineState{}
	b, err := os.ReadFile(s.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = json.Unmarshal(b, &s.state)
	}
	if err != nil {
		return fmt.Errorf("chat: read the store (remove %q to start afresh): %w", s.path, err)
	}
	return nil
}

// save writes the file anew, so that whoever reads it without the lock sees the old
// or the new one.
func (s *machineStore) save() error {
	if s.path == "" {
		return nil
	}
	b, err := json.Marshal(s.state)
	if err != nil {
		return fmt.Errorf("chat: write the store: %w", err)
	}
	if err := os.WriteFile(s.path+".new", b, 0o600); err != nil {
		return fmt.Errorf("chat: write the store: %w", err)
	}
	if err := os.Rename(s.path+".new", s.path); err != nil {
		return fmt.Errorf("chat: write the store: %w", err)
	}
	return nil
}

// expire removes members who must have left and messages that are too old.
func (s *machineStore) expire() {
	if s.state.Members == nil {
		s.state.Members = make(map[string]machineMember)
	}
	if s.state.Messages == nil {
		s.state.Messages = make(map[string][]message)
	}
	for id, m := range s.state.Members {
		if s.now().Sub(m.Since) > memberLife {
			delete(s.state.Members, id)
		}
	}
	oldest := s.now().Add(-messageLife).UnixMilli()
	for room, all := range s.state.Messages {
		if all = slices.DeleteFunc(all, func(m message) bool { return m.At < oldest }); len(all) == 0 {
			delete(s.state.Messages, room)
		} else {
			s.state.Messages[room] = all
		}
	}
}
