package importer

func readDOCX(d *document) {}
