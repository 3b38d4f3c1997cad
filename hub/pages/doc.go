// Package pages is the house's own part of the portal: the start page, the doors (claim, join, sign in, recover), the
// members' own corner, the people, the neighbours, and the record in plain words.
//
// Each file has one noun: its routes in reading order, the page structs, which are also the JSON of their addresses, and
// handlers that only translate between a request and the commands of people, record and mirror. Rules live there, never here. The HTML of
// a file stands in the .templ of the same name.
package pages
