package importer

func readHTML(d *document) {}
