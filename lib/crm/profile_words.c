/* SPDX-License-Identifier: ISC */
/* profile_words: what people and programs call the columns of our fields. */
#include "crm/profile_words.h"

#include "base/near.h"
#include "base/utf8.h"

/* Folded, without signs and numbers; parted by '|'. The first row counts
 * whose field the kind has. */
static const struct {
	const char *field, *words;
} table[] = {
    {"given", "first name|firstname|given name|forename|vorname|prenom|"
	      "name first name|fname"},
    {"family", "last name|lastname|family name|surname|nachname|"
	       "familienname|nom|nom de famille|name last name|lname"},
    {"middle", "middle name|additional name|zweiter vorname|vornamen"},
    {"prefix", "salutation|anrede|titel|name prefix|honorific prefix|"
	       "civilite"},
    {"suffix", "name suffix|honorific suffix|namenszusatz"},
    {"nick", "nickname|spitzname|rufname|surnom"},
    {"org.name", "company|company name|organization|organisation|"
		 "organization name|firma|firmenname|unternehmen|societe|"
		 "entreprise|raison sociale|account|account name|"
		 "associated company|employer|arbeitgeber|works for|companies|"
		 "organization company|company account"},
    {"org.ext", "account id|company id|associated company ids|"
		"organization id|firmennummer"},
    {"title", "title|job title|jobtitle|position|funktion|jobtitel|stelle|"
	      "beruf|poste|fonction|occupation|job|organization title|aufgabe"},
    {"name", "name|full name|fullname|display name|formatted name|fn|"
	     "contact name|deal name|opportunity name|ganzer name|nom complet|"
	     "company|company name|organization|organisation|firma|"
	     "firmenname|unternehmen|societe|entreprise|account name|title|"
	     "bezeichnung|product name|produkt|artikel|campaign name"},
    {"dept", "department|abteilung|departement|organization department|"
	     "organizational unit|bereich"},
    {"role", "rolle|account role|role name"},
    {"email", "email|e mail|mail|emails|email address|e mail address|"
	      "e mail value|mail address|primary email|emails primary email|"
	      "mailadresse|mail adresse|email adresse|e mail adresse|courriel|"
	      "adresse e mail|adresse email|adresse mail|secondary email|"
	      "emails additional emails|work email|private email"},
    {"phone", "phone|phone number|phones|telephone|tel|telefon|"
	      "telefonnummer|phone value|mobile|mobile phone|mobilephone|"
	      "mobile phone number|mobile number|mobil|mobiltelefon|"
	      "mobilnummer|handy|handynummer|natel|cell|cell phone|portable|"
	      "work phone|business phone|home phone|homephone|other phone|"
	      "primary phone|phones primary phone|festnetz|tel mobile|"
	      "telephone portable|telephone mobile|numero de telephone|"
	      "telefon geschaftlich|telefon privat|telefon mobil"},
    {"street", "street|street address|address|address line|address address|"
	       "address street|mailing street|billing street|mailingstreet|"
	       "strasse|strasse nr|strasse und hausnummer|strasse hausnummer|"
	       "adresse|anschrift|rue|adresse postale|business street|"
	       "home street"},
    {"postcode", "postcode|postal code|zip|zip code|zipcode|mailing zip|"
		 "mailing postal code|billing postal code|plz|postleitzahl|"
		 "code postal|npa|address postal code|address post code|"
		 "business postal code"},
    {"city", "city|town|locality|ort|ortschaft|stadt|wohnort|ville|commune|"
	     "mailing city|billing city|address city|business city"},
    {"region", "region|state|province|county|state region|mailing state|"
	       "billing state|kanton|bundesland|canton|departement|"
	       "address region|address state|business state"},
    {"country",
	"country|land|staat|pays|country region|land region|mailing country|"
	"billing country|address country|business country"},
    {"bday", "birthday|birthdate|birth date|date of birth|bday|dob|"
	     "geburtstag|geburtsdatum|geb|date de naissance|naissance"},
    {"anniv", "anniversary|jahrestag|hochzeitstag"},
    {"gender", "gender|sex|geschlecht|sexe|genre"},
    {"lang", "language|sprache|langue|preferred language|"
	     "korrespondenzsprache|locale"},
    {"domain", "domain|domains|domain name|company domain name|"
	       "domain name link url"},
    {"url", "website|web|url|homepage|web page|webpage|website url|"
	    "website value|webseite|internet|internetseite|www|site web|"
	    "site internet"},
    {"social", "linkedin|linkedin url|linkedin link url|twitter|x|xing|"
	       "facebook|instagram|mastodon|telegram|skype|bluesky|"
	       "social profile|soziale netzwerke"},
    {"tag", "tags|tag|labels|label|categories|category|keywords|groups|"
	    "group membership|kategorien|kategorie|gruppe|gruppen|"
	    "schlagworte|stichworte|etiquettes|categorie|groupe"},
    {"category", "category|kategorie|warengruppe|categorie"},
    {"note", "note|notes|comment|comments|remark|remarks|description|memo|"
	     "bemerkung|bemerkungen|notiz|notizen|kommentar|beschreibung|"
	     "anmerkung|remarque|remarques|commentaire"},
    {"source", "source|lead source|leadsource|original source|quelle|"
	       "herkunft|origine|provenance"},
    {"owner", "owner|contact owner|company owner|account owner|deal owner|"
	      "betreuer|betreuerin|zustandig|verantwortlich|verkaufer|"
	      "besitzer|responsable|proprietaire|sales rep|assigned to"},
    {"number", "number|nummer|numero|invoice number|order number|"
	       "rechnungsnummer|bestellnummer|belegnummer|ticket number|"
	       "ticketnummer"},
    {"sku", "sku|article number|item number|artikelnummer|artikel nr|"
	    "reference article"},
    {"ext", "id|record id|external id|contact id|deal id|customer id|"
	    "customer number|customer no|uuid|uid|kundennummer|kunden nr|"
	    "kundennr|debitorennummer|numero client|nr|no|legacy id"},
    {"lifecycle", "lifecycle stage|lifecycle|lifecyclestage"},
    {"status", "status|lead status|etat|zustand|statut|hs lead status"},
    {"suppress", "do not call|donotcall|email opt out|opt out|unsubscribed|"
		 "has opted out of email|werbesperre|kontaktsperre|"
		 "unsubscribed from all email"},
    {"industry", "industry|branche|secteur|secteur d activite"},
    {"org.industry", "industry|branche|secteur|secteur d activite"},
    {"size", "employees|number of employees|numberofemployees|mitarbeiter|"
	     "mitarbeiterzahl|anzahl mitarbeiter|company size|effectif"},
    {"turnover", "annual revenue|annualrevenue|revenue|umsatz|"
		 "jahresumsatz|chiffre d affaires"},
    {"org.turnover", "annual revenue|annualrevenue|umsatz|jahresumsatz|"
		     "chiffre d affaires"},
    {"type", "account type|typ|art|deal type"},
    {"amount", "value|betrag|wert|montant|deal value|auftragswert|summe|"
	       "deal amount|amount amount|volumen"},
    {"total", "total|summe|betrag|gesamt|gesamtbetrag|total amount|montant|"
	      "amount|grand total"},
    {"price", "price|preis|prix|unit price|einzelpreis|list price"},
    {"qty", "quantity|menge|anzahl|quantite"},
    {"discount", "rabatt|remise"},
    {"tax", "vat|mwst|steuer|tva"},
    {"unit", "unit|einheit|unite"},
    {"stage", "stage|deal stage|stagename|stage name|phase|verkaufsphase|"
	      "pipeline stage|etape"},
    {"currency", "currency|currency code|currencyisocode|wahrung|waehrung|"
		 "devise|monnaie|amount currency"},
    {"probability", "probability|deal probability|wahrscheinlichkeit|"
		    "probabilite|chance"},
    {"close", "close date|closedate|closing date|expected close|"
	      "expected close date|abschluss|abschlussdatum|date de cloture"},
    {"next", "next step|nextstep|nachster schritt|prochaine etape"},
    {"lost_reason", "lost reason|closed lost reason|loss reason|"
		    "verlustgrund|raison de perte"},
    {"subject", "subject|betreff|objet|sujet|title|titel|thema"},
    {"body", "text|message|nachricht|content|inhalt|body|contenu"},
    {"channel", "channel|kanal|canal"},
    {"direction", "direction|richtung"},
    {"start", "start|start date|begin|beginn|date|datum|when|debut|from"},
    {"issued", "date|datum|invoice date|order date|rechnungsdatum|"
	       "bestelldatum|belegdatum|issue date"},
    {"due", "due|due date|deadline|fallig|fallig am|falligkeit|echeance|"
	    "target date"},
    {"end", "end|end date|ende|fin|to|bis"},
    {"duration", "duration|dauer|duree|minutes"},
    {"priority", "priority|prioritat|priorite"},
    {"budget", "budget"},
    {"contact", "contact|kontakt|ansprechpartner|ansprechpartnerin|person|"
		"primary contact|point of contact|customer|kunde|client"},
    {"created", "created|created at|create date|created date|createddate|"
		"creation date|created time|erstellt|erstellt am|cree le"},
};

/* "MailingStreet" has two words, and so has "E-Mail". */
static void
words_part(struct str name, struct buf *out)
{
	bool low = false, gap = false;

	for (size_t i = 0; i < name.n; i++) {
		char c = name.p[i];
		bool upper = c >= 'A' && c <= 'Z';
		bool word =
		    upper || (c >= 'a' && c <= 'z') || (unsigned char)c >= 0x80;

		gap = gap || !word || (upper && low);
		low = word && !upper;
		if (!word)
			continue;
		if (gap && out->n)
			buf_addc(out, ' ');
		gap = false;
		buf_addc(out, c);
	}
}

void
words_fold(struct str name, struct buf *out)
{
	struct buf parted = {0};

	words_part(name, &parted);
	utf8_fold(str_of(&parted), out);
	out->failed = out->failed || parted.failed;
	buf_clear(&parted);
}

const struct field *
words_field(const struct schema *s, const struct kind *k, struct str path)
{
	size_t dot = str_chr(path, '.');
	const struct field *f = schema_field(k, str_head(path, dot));

	if (!f || dot == path.n)
		return f && !f->derived ? f : NULL;
	k = f->type == TYPE_REF ? schema_kind_no(s, f->ref) : NULL;
	return k ? schema_field(k, str_from_pos(path, dot + 1)) : NULL;
}

static bool
row_has(size_t row, struct str word)
{
	struct str rest = str_from(table[row].words);

	while (rest.p)
		if (str_eq(str_cut(&rest, '|'), word))
			return true;
	return false;
}

/* A field of the kind that is called so: "lost reason" is lost_reason. */
static struct str
own_name(const struct kind *k, struct str word)
{
	for (size_t i = 0; i < k->nfields; i++) {
		struct str name = k->fields[i]->name;
		size_t same = 0;

		if (k->fields[i]->derived || name.n != word.n)
			continue;
		while (same < name.n &&
		       (name.p[same] == word.p[same] ||
			   (word.p[same] == ' ' &&
			       (name.p[same] == '_' || name.p[same] == '-'))))
			same++;
		if (same == name.n)
			return name;
	}
	return (struct str){"", 0};
}

/* The nearest word of those whose field the kind has. */
static struct str
near_name(const struct schema *s, const struct kind *k, struct str word)
{
	struct near near = {.word = word};
	struct str best = {"", 0};
	unsigned distance = 0;

	/* Short words are all near one another. */
	for (size_t i = 0; word.n > 4 && i < ARRAY_LEN(table); i++) {
		struct str rest = str_from(table[i].words);

		if (!words_field(s, k, str_from(table[i].field)))
			continue;
		while (rest.p)
			near_offer(&near, str_cut(&rest, '|'));
		if (near.best.n && (!best.n || near.distance < distance))
			best = str_from(table[i].field);
		distance = near.distance;
	}
	return distance <= 2 ? best : (struct str){"", 0};
}

/* Which of several it is: the first one is taken, however it is called. */
static struct str
qualifier_drop(struct str name)
{
	static const char words[] = "business|home|work|mailing|billing|"
				    "shipping|primary|main|other|office|"
				    "geschaftlich|privat|private|beruflich|"
				    "weitere|prive|professionnel|value|"
				    "current|customer|lead";
	size_t first = str_chr(name, ' '), last = name.n;
	struct str rest = str_from(words);

	while (last > 0 && name.p[last - 1] != ' ')
		last--;
	while (first < name.n && rest.p) {
		struct str word = str_cut(&rest, '|');

		if (str_eq(str_head(name, first), word))
			return str_from_pos(name, first + 1);
		if (str_eq(str_from_pos(name, last), word))
			return str_head(name, last - 1);
	}
	return (struct str){"", 0};
}

/* The path by the table alone. */
static struct str
table_find(const struct schema *s, const struct kind *k, struct str name)
{
	for (size_t i = 0; i < ARRAY_LEN(table); i++)
		if (row_has(i, name) &&
		    words_field(s, k, str_from(table[i].field)))
			return str_from(table[i].field);
	return (struct str){"", 0};
}

struct str
words_guess(
    const struct schema *s, const struct kind *k, struct str name, bool *near)
{
	struct str found = own_name(k, name);

	*near = false;
	for (struct str part = name; !found.n && part.n;) {
		found = table_find(s, k, part);
		part = qualifier_drop(part);
	}
	if (found.n)
		return found;
	*near = true;
	return near_name(s, k, name);
}
