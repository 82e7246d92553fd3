package model

import (
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// release tells the kernel that the pages of an embedded file, read to check
// it, are not needed now. They belong to the program's own file and come back
// by themselves when they are read again.
func release(data []byte) {
	page := uintptr(os.Getpagesize())
	if uintptr(len(data)) < 2*page {
		return
	}
	start := uintptr(unsafe.Pointer(unsafe.SliceData(data)))
	skip := (page - start%page) % page // only whole pages: the first and last are shared with others
	n := (uintptr(len(data)) - skip) / page * page
	_ = unix.Madvise(data[skip:skip+n], unix.MADV_DONTNEED) // advice: nothing depends on it
}
