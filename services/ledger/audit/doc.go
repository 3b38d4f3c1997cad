// Package audit is what anyone can do with a copy of a record: keep its books anew and compare.
//
// The rules of the books are those of package book, the same code that the hub runs; an event that breaks one is a finding here. To that the
// auditor adds what the books cannot know, because it is asked before an event is written: whether the member was one, acted for their own
// household, or held the keys (package people judges that by the same events; here it is written a second time, short and apart, because
// an auditor that shares the code of who is audited shares its mistakes); whether receipts are there and are what was committed to; and
// whether anything that an earlier visit saw has changed.
//
// Nothing here proves the record itself: whoever calls compares every entry with the signed checkpoint, and reports nothing before that is done.
package audit
