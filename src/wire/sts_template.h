/* sts_template.h - what a template leaves behind in a policy: placeholders that
 * a program or a person should have replaced. */
#ifndef WIRE_STS_TEMPLATE_H
#define WIRE_STS_TEMPLATE_H

#include <stdbool.h>

#include "wire/sts_key.h"

/* "{{ mx }}", "${MODE}", "<your host>": somewhere in s. */
bool
sts_template_has_mark(struct span s);

/* A name under example.com, .net or .org (RFC 2606 3), with or without "*.": a
 * placeholder, unless the policy is theirs. As a value it is read like any
 * other. */
bool
sts_template_is_example(struct span name);

/* Is the value of that key a placeholder? Besides the marks: a choice not made
 * ("[enforce / testing / none]"), a name from instructions ("your_domain",
 * "example.com"). Whether example.com is the domain itself, nobody knows here.
 */
bool
sts_template_is_left(enum sts_key k, struct span value);

#endif
