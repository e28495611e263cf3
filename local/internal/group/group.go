// Package group ends a process together with all that it has started.
package group
