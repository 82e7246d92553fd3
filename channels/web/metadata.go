package web

import (
	"bytes"
	"encoding/binary"
	"errors"
)

// errPicture means that a picture is cut or not what it says.
var errPicture = errors.New("the picture cannot be read")

// withoutMetadata returns a picture without what cameras and programs write
// into it: the place it was taken, the device, the owner. Its pixels and which
// way up it is stay as they are; other files are returned as they came.
func withoutMetadata(kind string, data []byte) ([]byte, error) {
	switch kind {
	case "image/jpeg":
		return cleanJPEG(data)
	case "image/png":
		return cleanPNG(data)
	case "image/webp":
		return cleanWebP(data)
	}
	return data, nil
}

// cleanJPEG drops comments and all application segments but JFIF (APP0), the
// colour profile (APP2) and Adobe's colour transform (APP14), which the pixels
// need. Segments are those of ITU-T T.81, annex B.
func cleanJPEG(data []byte) ([]byte, error) {
	out := []byte{0xFF, 0xD8}
	turned := false
	for i := 2; ; {
		if i+4 > len(data) || data[i] != 0xFF {
			return nil, errPicture
		}
		marker := data[i+1]
		if marker == 0xFF { // fill byte
			i++
			continue
		}
		if marker == 0xDA { // start of scan: the pixels, to the end
			return append(out, data[i:]...), nil
		}
		end := i + 2 + int(binary.BigEndian.Uint16(data[i+2:]))
		if end > len(data) || end < i+4 {
			return nil, errPicture
		}
		if o := orientation(data[i+4 : end]); marker == 0xE1 && o > 1 && !turned {
			out, turned = append(out, uprightSegment(o)...), true
		}
		app := marker >= 0xE0 && marker <= 0xEF
		if marker != 0xFE && (!app || marker == 0xE0 || marker == 0xE2 || marker == 0xEE) {
			out = append(out, data[i:end]...)
		}
		i = end
	}
}

// orientation returns the orientation an Exif segment tells, 1 to 8, or 0 when
// it tells none. Phones hold still and turn the picture by this number alone.
func orientation(segment []byte) byte {
	const head = 6 // "Exif", 0, 0
	if len(segment) < head+8 || string(segment[:head]) != "Exif\x00\x00" {
		return 0
	}
	tiff := segment[head:]
	var order binary.ByteOrder = binary.BigEndian
	if string(tiff[:2]) == "II" {
		order = binary.LittleEndian
	}
	at := uint64(order.Uint32(tiff[4:]))
	if at+2 > uint64(len(tiff)) {
		return 0
	}
	entries := tiff[at+2:]
	for range order.Uint16(tiff[at:]) {
		if len(entries) < 12 {
			return 0
		}
		if order.Uint16(entries) == 0x0112 {
			if o := order.Uint16(entries[8:]); o >= 1 && o <= 8 {
				return byte(o)
			}
			return 0
		}
		entries = entries[12:]
	}
	return 0
}

// uprightSegment is the smallest Exif segment that tells an orientation.
func uprightSegment(o byte) []byte {
	return []byte{0xFF, 0xE1, 0, 34, 'E', 'x', 'i', 'f', 0, 0, 'M', 'M', 0, 42, 0, 0, 0, 8, 0, 1,
		0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, o, 0, 0, 0, 0, 0, 0}
}

// cleanPNG drops the text, time and Exif chunks.
func cleanPNG(data []byte) ([]byte, error) {
	const head = 8
	if len(data) < head {
		return nil, errPicture
	}
	out := bytes.Clone(data[:head])
	for i := head; i < len(data); {
		if i+12 > len(data) {
			return nil, errPicture
		}
		n := binary.BigEndian.Uint32(data[i:])
		if uint64(n) > uint64(len(data)-i-12) {
			return nil, errPicture
		}
		end := i + 12 + int(n)
		switch name := string(data[i+4 : i+8]); name {
		case "tEXt", "zTXt", "iTXt", "tIME", "eXIf":
		default:
			out = append(out, data[i:end]...)
			if name == "IEND" {
				return out, nil // what follows the end is not a picture
			}
		}
		i = end
	}
	return nil, errPicture
}

// cleanWebP drops the Exif and XMP chunks and says so in the header chunk.
func cleanWebP(data []byte) ([]byte, error) {
	const head = 12
	if len(data) < head {
		return nil, errPicture
	}
	out := bytes.Clone(data[:head])
	for i := head; i+8 <= len(data); {
		n := binary.LittleEndian.Uint32(data[i+4:])
		if uint64(n) > uint64(len(data)-i-8) {
			return nil, errPicture
		}
		end := min(i+8+int(n)+int(n&1), len(data))
		switch name := string(data[i : i+4]); name {
		case "EXIF", "XMP ":
		default:
			at := len(out)
			out = append(out, data[i:end]...)
			if name == "VP8X" && n > 0 {
				out[at+8] &^= 0b1100 // no Exif, no XMP
			}
		}
		i = end
	}
	binary.LittleEndian.PutUint32(out[4:], uint32(len(out)-8))
	return out, nil
}
