/* orders.h - for this folder: what stands in certificate.order_state, and in
 * certificate_refusal. */
#ifndef STORE_ORDERS_H
#define STORE_ORDERS_H

#include "store/certificates.h"
#include "store/sql.h"

/* Of an order that does not fail. */
static inline struct sql_value
order_state(bool is_at_ca)
{
	return sql_text(is_at_ca ? SPAN("under-way") : SPAN("waiting"));
}

/* SQL: that, as a parameter; what fails does so until a claim is finished. */
#define ORDER_STATE(parameter)                                                 \
	"CASE WHEN failing_since IS NULL THEN " parameter " ELSE 'failing' "   \
	"END"

/* In the transaction that finishes a claim: its refusals take the place of what
 * was remembered; with no problem nothing is. */
enum err
refusals_keep(struct sql *sql, struct span host,
    const struct certificate_outcome *out, struct wall_time now,
    struct error *e) MUST_CHECK;

#endif
