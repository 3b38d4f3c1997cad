// Package interop holds our record against programs that others wrote: tessera's fsck and client, and the formats and Merkle
// proofs of transparency-dev. It is a module of its own, so that none of them enters the product.
package interop
