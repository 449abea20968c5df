/* lookup.h - what a store says of a name. */
#ifndef SERVE_LOOKUP_H
#define SERVE_LOOKUP_H

/* The question has the version that the asker holds already, 0 for none; a
 * version is another whenever the thing is. */
enum lookup {
	LOOKUP_FOUND, /* here it is */
	LOOKUP_SAME, /* what you have is current */
	LOOKUP_NONE, /* there is no such name, or no longer */
	LOOKUP_FAILED, /* the store cannot be asked: go on with what you have */
};

#endif
