package main

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"sync"

	"github.com/gin-gonic/gin"
)

// maxNotes bounds the memory that strangers can fill.
const maxNotes = 1000

type note struct {
	ID   int    `json:"id"`
	Text string `json:"text" binding:"required"`
}

// notes is safe for concurrent use, as every handler must be.
type notes struct {
	mu   sync.Mutex
	last int
	all  []note
}

func (n *notes) list(c *gin.Context) {
	n.mu.Lock()
	defer n.mu.Unlock()
	c.JSON(http.StatusOK, append([]note{}, n.all...))
}

func (n *notes) create(c *gin.Context) {
	var posted note
	if err := c.ShouldBindJSON(&posted); err != nil {
		c.JSON(http.StatusBadRequest, gin.H{"error": `want JSON like {"text": "buy milk"}`})
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.all) == maxNotes {
		c.JSON(http.StatusInsufficientStorage, gin.H{"error": "full: delete a note first"})
		return
	}
	n.last++
	posted.ID = n.last
	n.all = append(n.all, posted)
	c.Header("Location", fmt.Sprintf("/notes/%d", posted.ID))
	c.JSON(http.StatusCreated, posted)
}

func (n *notes) get(c *gin.Context) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if i := n.index(c); i >= 0 {
		c.JSON(http.StatusOK, n.all[i])
		return
	}
	c.JSON(http.StatusNotFound, gin.H{"error": "no such note"})
}

func (n *notes) remove(c *gin.Context) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if i := n.index(c); i >= 0 {
		n.all = slices.Delete(n.all, i, i+1)
	}
	c.Status(http.StatusNoContent)
}

// index returns where the note of the request's path is, or -1.
func (n *notes) index(c *gin.Context) int {
	return slices.IndexFunc(n.all, func(n note) bool { return strconv.Itoa(n.ID) == c.Param("id") })
}
