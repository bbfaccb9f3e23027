/* SPDX-License-Identifier: ISC */
/* schema_default: the table of kinds and fields a new store starts with. */
#include "model/schema_default.h"

#include "model/schema_impl.h"

enum {
	LIST = 1,
	UNIQUE = 2,
	INDEX = 4,
	AUTO = 8,
	COMMON = 16 /* its slot is given; the others are counted */
};

struct seed {
	const char *name, *label;
	const char *values, *closed, *fallback;
	const char *ref;
	enum type type;
	enum derived_no derived;
	unsigned slot, flags;
};

/* A field; one with a fallback; an enumeration: its values, those that are
 * closed, its fallback; a reference; a sum kept by the store. */
#define F(n, t, f, l)                                                          \
	{                                                                      \
		.name = n, .type = TYPE_##t, .flags = f, .label = l            \
	}
#define V(n, t, l, v)                                                          \
	{                                                                      \
		.name = n, .type = TYPE_##t, .label = l, .fallback = v         \
	}
#define E(n, l, v, c, d)                                                       \
	{                                                                      \
		.name = n, .type = TYPE_ENUM, .label = l, .values = v,         \
		.closed = c, .fallback = d                                     \
	}
#define R(n, r, f, l)                                                          \
	{                                                                      \
		.name = n, .type = TYPE_REF, .ref = r, .flags = f, .label = l  \
	}
#define D(n, t, d, l)                                                          \
	{                                                                      \
		.name = n, .type = TYPE_##t, .derived = DERIVED_##d,           \
		.label = l                                                     \
	}
/* A field or an enumeration in a common slot. */
#define C(n, s, t, f, l)                                                       \
	{                                                                      \
		.name = n, .slot = SLOT_##s, .type = TYPE_##t,                 \
		.flags = COMMON | (f), .label = l                              \
	}
#define CE(n, s, l, v, d)                                                      \
	{                                                                      \
		.name = n, .slot = SLOT_##s, .type = TYPE_ENUM,                \
		.flags = COMMON, .label = l, .values = v, .fallback = d        \
	}
#define SOURCES                                                                \
	"call,email,web,referral,campaign,event,partner,existing,self,"        \
	"import,other"
#define SOURCE(k) CE(k "source", SOURCE, "where it came from", SOURCES, NULL)
#define DOC(k) C(k "doc", DOC, TEXT, LIST, "files that belong to it")
#define REST(k)                                                                \
	C(k "tag", TAG, TEXT, LIST, "free words for grouping"),                \
	    C(k "note", NOTE, TEXT, 0, "what else to know"),                   \
	    C(k "url", URL, URL, 0, "web address"),                            \
	    C(k "lang", LANG, TEXT, 0, "language, as in de or fr-CH"),         \
	    C(k "ext", EXT, TEXT, LIST | UNIQUE,                               \
		"its name elsewhere, as in shop:4711"),                        \
	    C(k "owner", OWNER, TEXT, 0, "who looks after it"),                \
	    C(k "created", CREATED, TIME, AUTO, "when it was first stored"),   \
	    C(k "updated", UPDATED, TIME, AUTO, "when it last changed")
#define COMMONS(k) DOC(k), SOURCE(k), REST(k)
#define SUMS(k)                                                                \
	D(k "last", TIME, LAST, "last held activity"),                         \
	    D(k "next", TIME, NEXT, "earliest open task"),                     \
	    D(k "activities", INT, ACTIVITIES, "held activities"),             \
	    D(k "orders", INT, ORDERS, "orders, without cancelled ones"),      \
	    D(k "revenue", DECIMAL, REVENUE, "total of these orders"),         \
	    D(k "first_order", DATE, FIRST_ORDER, "date of the first order"),  \
	    D(k "last_order", DATE, LAST_ORDER, "date of the last order"),     \
	    D(k "open_deals", INT, OPEN_DEALS, "deals not decided yet"),       \
	    D(k "pipeline", DECIMAL, PIPELINE, "their amounts"),               \
	    D(k "open_tickets", INT, OPEN_TICKETS, "tickets not settled yet")
#define ADDRESS(k)                                                             \
	F(k "street", TEXT, 0, "street and number"),                           \
	    F(k "postcode", TEXT, 0, "postal code"),                           \
	    F(k "city", TEXT, 0, "town"),                                      \
	    F(k "region", TEXT, 0, "state, canton or county"),                 \
	    F(k "country", TEXT, 0, "country")
#define CUSTOMER(k)                                                            \
	E(k "lifecycle", "how far on the way to a customer",                   \
	    "subscriber,lead,mql,sql,opportunity,customer,evangelist,former,"  \
	    "other",                                                           \
	    NULL, NULL),                                                       \
	    E(k "tier", "weight as a customer", "a,b,c", NULL, NULL),          \
	    F(k "every", RECUR, 0, "be in touch at least each 30d, 2w, 3m"),   \
	    F(k "suppress", BOOL, 0, "leave in peace: no mailing, no call")
#define PRIORITIES "urgent,high,normal,low"

static const struct seed contact_fields[] = {
    F("contact.name", TEXT, INDEX, "full name"),
    F("contact.prefix", TEXT, 0, "title before the name"),
    F("contact.given", TEXT, 0, "given name"),
    F("contact.middle", TEXT, 0, "middle names"),
    F("contact.family", TEXT, 0, "family name"),
    F("contact.suffix", TEXT, 0, "what follows the name"),
    F("contact.nick", TEXT, 0, "nickname"),
    F("contact.email", EMAIL, LIST | INDEX, "e-mail, preferred first"),
    F("contact.phone", PHONE, LIST | INDEX, "phone, preferred first"),
    R("contact.org", "org", 0, "organisation"),
    F("contact.dept", TEXT, 0, "department"),
    F("contact.title", TEXT, 0, "job title"),
    F("contact.role", TEXT, 0, "part played in the organisation"),
    ADDRESS("contact."),
    F("contact.bday", DATE, 0, "birthday"),
    F("contact.anniv", DATE, 0, "anniversary"),
    E("contact.gender", "gender", "female,male,other,none,unknown", NULL, NULL),
    F("contact.social", TEXT, LIST, "names in social networks"),
    CUSTOMER("contact."),
    E("contact.status", "how far a lead has been worked",
	"new,attempted,working,nurturing,qualified,bad-timing,unqualified",
	NULL, NULL),
    F("contact.sympathy", INT, 0, "liking, 1 to 5"),
    F("contact.acceptance", INT, 0, "acceptance, 1 to 5"),
    F("contact.trust", INT, 0, "trust, 1 to 5"),
    F("contact.competence", INT, 0, "competence, 1 to 5"),
    F("contact.reciprocity", INT, 0, "give and take, 1 to 5"),
    F("contact.intensity", INT, 0, "closeness, 1 to 5"),
    COMMONS("contact."),
    SUMS("contact."),
};

static const struct seed org_fields[] = {
    F("org.name", TEXT, INDEX, "name"),
    F("org.domain", TEXT, LIST | INDEX, "domains of its mail and web"),
    E("org.type", "what it is to us",
	"customer,prospect,partner,reseller,supplier,competitor,investor,"
	"press,analyst,integrator,other",
	NULL, NULL),
    F("org.industry", TEXT, 0, "line of business"),
    F("org.size", INT, 0, "employees"),
    F("org.turnover", DECIMAL, 0, "what it turns over in a year"),
    F("org.email", EMAIL, LIST | INDEX, "e-mail, preferred first"),
    F("org.phone", PHONE, LIST | INDEX, "phone, preferred first"),
    ADDRESS("org."),
    F("org.social", TEXT, LIST, "names in social networks"),
    CUSTOMER("org."),
    COMMONS("org."),
    SUMS("org."),
};

static const struct seed activity_fields[] = {
    E("activity.type", "kind of contact",
	"call,email,meeting,visit,message,letter,fax,social,web,note,survey",
	NULL, NULL),
    F("activity.start", TIME, 0, "when"),
    F("activity.end", TIME, 0, "until when"),
    F("activity.duration", INT, 0, "minutes"),
    E("activity.status", "planned, held or missed", "planned,held,missed",
	"planned,missed", "held"),
    E("activity.channel", "by which way",
	"phone,email,sms,chat,social,web,letter,fax,visit,video", NULL, NULL),
    E("activity.direction", "who began", "in,out,internal", NULL, NULL),
    F("activity.subject", TEXT, 0, "what about, in a line"),
    F("activity.body", TEXT, 0, "what was said"),
    R("activity.contact", "contact", LIST, "with whom"),
    R("activity.org", "org", 0, "with which organisation"),
    R("activity.deal", "deal", 0, "about which deal"),
    R("activity.ticket", "ticket", 0, "about which ticket"),
    R("activity.re", "activity", 0, "answer to"),
    F("activity.sentiment", INT, 0, "mood, -2 to 2"),
    F("activity.score", INT, 0, "answer to a survey, 0 to 10"),
    F("activity.outcome", TEXT, 0, "what came of it"),
    F("activity.msgid", TEXT, UNIQUE, "Message-ID of the mail"),
    COMMONS("activity."),
};

static const struct seed task_fields[] = {
    F("task.title", TEXT, 0, "what to do"),
    E("task.status", "how far it is", "todo,doing,waiting,done,cancelled",
	"done,cancelled", "todo"),
    E("task.priority", "how much it matters", PRIORITIES, NULL, "normal"),
    F("task.start", TIME, 0, "not before"),
    F("task.due", TIME, 0, "when it is due"),
    F("task.done", TIME, 0, "when it was done"),
    F("task.every", RECUR, 0, "repetition, as in 2w or after 6w"),
    F("task.anchor", DATE, AUTO, "first date of the series"),
    F("task.serial", INT, AUTO, "place in the series, from 1"),
    R("task.contact", "contact", 0, "for whom"),
    R("task.org", "org", 0, "for which organisation"),
    R("task.deal", "deal", 0, "for which deal"),
    R("task.ticket", "ticket", 0, "for which ticket"),
    R("task.re", NULL, 0, "about which record"),
    COMMONS("task."),
};

static const struct seed deal_fields[] = {
    F("deal.name", TEXT, INDEX, "name"),
    R("deal.org", "org", 0, "with which organisation"),
    R("deal.contact", "contact", 0, "with whom"),
    E("deal.stage", "how far it is",
	"new:10,qualified:20,proposal:50,negotiation:80,won:100,lost:0",
	"won,lost", "new"),
    F("deal.amount", DECIMAL, 0, "what it is worth"),
    V("deal.currency", TEXT, "of the amount", "EUR"),
    V("deal.probability", INT, "chance in percent", "@stage"),
    F("deal.close", DATE, 0, "when it is decided"),
    F("deal.need", TEXT, 0, "what is needed"),
    F("deal.next", TEXT, 0, "next step"),
    F("deal.lost_reason", TEXT, 0, "why it was lost"),
    R("deal.campaign", "campaign", 0, "which campaign brought it"),
    COMMONS("deal."),
};

/* Its doc is what the document is, not the files that belong to it. */
static const struct seed order_fields[] = {
    F("order.number", TEXT, UNIQUE, "number of the document"),
    CE("order.doc", DOC, "what the document is", "quote,order,invoice,credit",
	"order"),
    E("order.status", "how far it is",
	"draft,sent,accepted,declined,expired,confirmed,shipped,delivered,"
	"returned,cancelled,unpaid,paid",
	"returned,cancelled", "confirmed"),
    R("order.contact", "contact", 0, "whose"),
    R("order.org", "org", 0, "of which organisation"),
    R("order.deal", "deal", 0, "out of which deal"),
    F("order.issued", DATE, 0, "date of the document"),
    F("order.due", DATE, 0, "to be paid or answered by"),
    F("order.total", DECIMAL, 0, "total"),
    V("order.currency", TEXT, "of the total", "EUR"),
    SOURCE("order."),
    REST("order."),
};

static const struct seed item_fields[] = {
    R("item.order", "order", 0, "document it stands on"),
    R("item.product", "product", 0, "what"),
    V("item.qty", DECIMAL, "how much", "1"),
    F("item.price", DECIMAL, 0, "price of one"),
    F("item.discount", DECIMAL, 0, "discount in percent"),
    F("item.tax", DECIMAL, 0, "tax in percent"),
    COMMONS("item."),
};

static const struct seed product_fields[] = {
    F("product.name", TEXT, INDEX, "name"),
    F("product.sku", TEXT, UNIQUE, "article number"),
    F("product.category", TEXT, 0, "group of goods"),
    F("product.price", DECIMAL, 0, "list price"),
    V("product.currency", TEXT, "of the price", "EUR"),
    F("product.unit", TEXT, 0, "sold by the piece, hour, kg"),
    V("product.active", BOOL, "still on offer", "yes"),
    COMMONS("product."),
};

static const struct seed ticket_fields[] = {
    F("ticket.number", TEXT, UNIQUE, "number"),
    F("ticket.subject", TEXT, 0, "what about, in a line"),
    E("ticket.type", "what it is",
	"question,incident,problem,complaint,request", NULL, NULL),
    E("ticket.status", "how far it is",
	"new,open,pending,resolved,closed,rejected,duplicate",
	"resolved,closed,rejected,duplicate", "new"),
    E("ticket.priority", "how much it matters", PRIORITIES, NULL, "normal"),
    R("ticket.contact", "contact", 0, "whose"),
    R("ticket.org", "org", 0, "of which organisation"),
    F("ticket.opened", TIME, 0, "when it came in"),
    F("ticket.due", TIME, 0, "promised by"),
    F("ticket.first_response", TIME, 0, "when it was first answered"),
    F("ticket.resolved", TIME, 0, "when it was settled"),
    COMMONS("ticket."),
};

static const struct seed campaign_fields[] = {
    F("campaign.name", TEXT, INDEX, "name"),
    E("campaign.type", "by which way",
	"email,newsletter,letter,phone,event,web,social,print,survey", NULL,
	NULL),
    E("campaign.status", "how far it is", "planned,active,paused,done", "done",
	"planned"),
    F("campaign.start", DATE, 0, "first day"),
    F("campaign.end", DATE, 0, "last day"),
    F("campaign.budget", DECIMAL, 0, "what it may cost"),
    COMMONS("campaign."),
};

static const struct seed link_fields[] = {
    R("link.from", NULL, 0, "who"),
    E("link.rel", "is what",
	"works-at,reports-to,colleague,friend,spouse,parent,child,knows,"
	"referred-by,subsidiary-of,supplies,partner-of,competes-for,member,"
	"decision-maker,evaluator,influencer,merged-into",
	NULL, NULL),
    R("link.to", NULL, 0, "to whom"),
    F("link.since", DATE, 0, "first day"),
    F("link.until", DATE, 0, "last day"),
    E("link.status", "what a member of a campaign did",
	"listed,sent,opened,clicked,replied,bounced,opted-out,converted", NULL,
	NULL),
    COMMONS("link."),
};

static const struct seed consent_fields[] = {
    R("consent.contact", "contact", 0, "whose"),
    F("consent.purpose", TEXT, 0, "what for, as in newsletter"),
    E("consent.channel", "by which way",
	"phone,email,sms,chat,social,web,letter,fax,visit,video", NULL, NULL),
    E("consent.basis", "on what ground",
	"consent,contract,legal-obligation,vital-interest,public-task,"
	"legitimate-interest",
	NULL, NULL),
    E("consent.state", "whether it holds",
	"given,pending,withdrawn,objected,expired",
	"withdrawn,objected,expired", "given"),
    F("consent.captured", TIME, 0, "when it was given"),
    CE("consent.source", SOURCE, "where it was given",
	"website,phone,given-in-person,email,third-party", NULL),
    F("consent.proof", TEXT, 0, "what proves it"),
    F("consent.expires", DATE, 0, "last day it holds"),
    DOC("consent."),
    REST("consent."),
};

static const struct seed segment_fields[] = {
    F("segment.name", TEXT, UNIQUE, "name"),
    V("segment.kind", TEXT, "of which kind", "contact"),
    F("segment.query", TEXT, 0, "who belongs to it, see crm-query(7)"),
    COMMONS("segment."),
};

static const struct seed kind_fields[] = {
    F("kind.name", TEXT, UNIQUE, "name"),
    F("kind.prefix", TEXT, UNIQUE, "letters before its ids"),
    F("kind.label", TEXT, 0, "what it is, for people"),
    F("kind.columns", TEXT, LIST, "fields shown when none are asked for"),
    F("kind.no", INT, AUTO, "number in the store"),
    COMMONS("kind."),
};

static const struct seed field_fields[] = {
    F("field.name", TEXT, UNIQUE, "kind and name, as in contact.budget"),
    E("field.type", "what it holds",
	"text,int,decimal,bool,date,time,enum,ref,email,phone,url,recur", NULL,
	"text"),
    F("field.label", TEXT, 0, "what it is, for people"),
    F("field.list", BOOL, 0, "several values"),
    F("field.unique", BOOL, 0, "no two records with the same"),
    F("field.index", BOOL, 0, "looked up by value"),
    F("field.sensitive", BOOL, 0, "left out of exports unless asked for"),
    F("field.automatic", BOOL, 0, "set by the program"),
    F("field.ref", TEXT, 0, "kind a reference points to"),
    F("field.values", TEXT, LIST, "of an enumeration, as in new:10,won:100"),
    F("field.closed", TEXT, LIST, "values that end a record's life"),
    F("field.fallback", TEXT, 0, "value of a new record"),
    F("field.slot", INT, AUTO, "place in the record"),
    F("field.derived", INT, AUTO, "number of the sum the store keeps"),
    COMMONS("field."),
};

#define K(no, name, prefix, label, columns)                                    \
	{                                                                      \
		KIND_##no, #name, prefix, label, columns, name##_fields,       \
		    ARRAY_LEN(name##_fields)                                   \
	}

static const struct {
	uint16_t no;
	const char *name, *prefix, *label, *columns;
	const struct seed *fields;
	size_t nfields;
} kinds[] = {
    K(CONTACT, contact, "c", "person",
	"name,org,email,phone,city,tag,last,next"),
    K(ORG, org, "o", "organisation",
	"name,type,domain,city,phone,tag,last,next"),
    K(ACTIVITY, activity, "a", "call, mail, meeting, visit, note",
	"start,type,status,contact,subject"),
    K(TASK, task, "t", "something to do",
	"due,title,status,priority,contact,org"),
    K(DEAL, deal, "d", "chance of a sale",
	"name,org,contact,stage,amount,currency,probability,close"),
    K(ORDER, order, "r", "quote, order, invoice or credit note",
	"number,doc,status,contact,org,issued,total,currency"),
    K(ITEM, item, "i", "line of an order", "order,product,qty,price,discount"),
    K(PRODUCT, product, "p", "what is sold",
	"sku,name,category,price,currency,unit"),
    K(TICKET, ticket, "k", "question or complaint to be settled",
	"number,subject,status,priority,contact,opened,due"),
    K(CAMPAIGN, campaign, "m", "mailing or event",
	"name,type,status,start,end,budget"),
    K(LINK, link, "l", "relation between two records",
	"from,rel,to,since,until"),
    K(CONSENT, consent, "n", "what a person allows",
	"contact,purpose,channel,state,captured,expires"),
    K(SEGMENT, segment, "s", "saved query", "name,kind,query,note"),
    K(KIND, kind, "x", "kind of record", "name,prefix,label,columns"),
    K(FIELD, field, "f", "field of a kind",
	"name,type,list,label,values,fallback"),
};

bool
schema_default_kind(size_t i, struct kind_def *out)
{
	if (i >= ARRAY_LEN(kinds))
		return false;
	*out = (struct kind_def){
	    .name = str_from(kinds[i].name),
	    .prefix = str_from(kinds[i].prefix),
	    .label = str_from(kinds[i].label),
	    .columns = str_from(kinds[i].columns),
	    .num = i + 1,
	    .no = kinds[i].no,
	};
	return true;
}

/* A kind's own fields come first in its list: their slots are counted. */
static void
seed_print(const struct seed *list, size_t i, struct field_def *out)
{
	const struct seed *f = &list[i];
	size_t slot = SLOT_COMMON;

	for (size_t j = 0; j < i; j++)
		slot += !(list[j].flags & COMMON) && !list[j].derived;
	if (f->flags & COMMON)
		slot = f->slot;
	*out = (struct field_def){
	    .name = str_from(f->name),
	    .type = str_from(type_name(f->type)),
	    .label = str_from(f->label),
	    .fallback = str_from(f->fallback),
	    .ref = str_from(f->ref),
	    .values = str_from(f->values),
	    .closed = str_from(f->closed),
	    .slot = f->derived ? (uint16_t)SLOT_NONE : (uint16_t)slot,
	    .derived = (uint16_t)f->derived,
	    .list = f->flags & LIST,
	    .unique = f->flags & UNIQUE,
	    .index = f->flags & (INDEX | UNIQUE),
	    .automatic = f->flags & AUTO,
	};
}

bool
schema_default_field(size_t i, struct field_def *out)
{
	size_t num = i + 1;

	for (size_t k = 0; k < ARRAY_LEN(kinds); k++) {
		if (i < kinds[k].nfields) {
			seed_print(kinds[k].fields, i, out);
			out->num = num;
			return true;
		}
		i -= kinds[k].nfields;
	}
	return false;
}

static enum crm_err
default_add(struct schema *s, struct diag *dg)
{
	struct kind_def kind;
	struct field_def field;
	enum crm_err err = CRM_OK;

	for (size_t i = 0; !err && schema_default_kind(i, &kind); i++)
		err = schema_add_kind(s, &kind, dg);
	for (size_t i = 0; !err && schema_default_field(i, &field); i++)
		err = schema_add_field(s, &field, dg);
	return err ? err : schema_finish(s, dg);
}

enum crm_err
schema_default(struct schema **out, struct diag *dg)
{
	struct schema *s = schema_new();
	enum crm_err err;

	*out = NULL;
	if (!s)
		return diag_nomem(dg);
	err = default_add(s, dg);
	if (err)
		schema_free(s);
	else
		*out = s;
	return err;
}

static const struct seed common[] = {COMMONS("")};

void
schema_common(enum common_slot slot, struct field_def *out)
{
	size_t i = 0;

	while (common[i].slot != slot)
		i++;
	seed_print(common, i, out);
}

enum common_slot
schema_common_slot(struct str name)
{
	for (size_t i = 0; i < ARRAY_LEN(common); i++)
		if (str_is(name, common[i].name))
			return (enum common_slot)common[i].slot;
	return SLOT_COMMON;
}
