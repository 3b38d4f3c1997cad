package main

import (
	"context"
	"errors"
)

func demo(ctx context.Context, t *terminal, args []string) error {
	return errors.New("not yet")
}
