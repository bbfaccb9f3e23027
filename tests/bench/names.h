/* SPDX-License-Identifier: ISC */
/* names: the words of which generate makes people. Each list ends in NULL. */
#ifndef BENCH_NAMES_H
#define BENCH_NAMES_H

#include <stddef.h>

static const char *const givens[] = {"Lena", "Jörg", "Paul", "Marie", "Jürgen",
    "Emma", "Felix", "Käthe", "Hannah", "Günter", "Noah", "Clara", "Bärbel",
    "Theo", "Zoë", "Emil", "Söre", "Ida", "Björn", "Frieda", "Oskar", "Ángel",
    "Greta", "Anton", "Dörthe", "Max", "Élise", "Jakob", "Łucja", "Moritz",
    "Ayşe", "Karl", "Štefan", "Ella", "René", "Mats", "Nadja", "Ömer", "Rosa",
    "Øyvind", "Lotte", "Iñaki", "Pia", "Çağla", "Hugo", "Mila", "Rüdiger",
    "Elsa", "Ondřej", "Vera", NULL};

static const char *const families[] = {"Müller", "Becker", "Schäfer", "Wagner",
    "Köhler", "Hoffmann", "Krüger", "Richter", "Schröder", "Wolf", "Böttcher",
    "Lindner", "Münch", "Kaiser", "Weiß", "Brandt", "Günther", "Vogt", "Jäger",
    "Sommer", "Größler", "Arnold", "Hänsel", "Pohl", "Lücke", "Engel",
    "Förster", "Busch", "Mühlbauer", "Horn", "O'Brien", "Yıldız", "Núñez",
    "Novák", "Kowalczyk", "Åkesson", "Søndergaard", "Fröhlich", "Keller",
    "Grüner", "Marx", "Döring", "Stahl", "Bräuer", "Thiel", "Röhl", "Ebert",
    "Süß", "Ziegler", "Würfel", "Adler", "Blümel", "Winter", "Täuber", "Lang",
    "Hübner", "Franke", "Österreicher", "Ries", "Überall", NULL};

static const char *const towns[] = {"Berlin", "Hamburg", "München", "Köln",
    "Frankfurt am Main", "Stuttgart", "Düsseldorf", "Leipzig", "Wien", "Zürich",
    "Bremen", "Dresden", "Nürnberg", "Bern", "Basel", "Graz", "Bonn", "Münster",
    "Lübeck", "Tübingen", "Göttingen", "Halle (Saale)", "Genève", "Linz",
    "Łódź", "Brno", "Århus", "Malmö", "Chur", "Gießen", "Fürth", "Würzburg",
    "Saarbrücken", "Kiel", "Ulm", "Jena", NULL};

static const char *const lands[] = {"DE", "CH", "AT", "FR", "DK", "PL", NULL};

static const char *const streets[] = {"Lange Straße", "Am Mühlbach",
    "Bahnhofstraße", "Kirchgasse", "Rosenweg", "Schlossallee", "Uferstraße",
    "Marktplatz", "Gärtnerweg", "Sonnenhöhe", "Gewerbepark", "Hafenstraße",
    NULL};

static const char *const trades[] = {"energy", "software", "retail", "health",
    "logistics", "finance", "building", "food", "media", "chemistry",
    "machines", "travel", "training", "optics", "paper", NULL};

static const char *const forms[] = {
    "GmbH", "AG", "KG", "GmbH & Co. KG", "e.K.", "Ltd", "SE", NULL};

static const char *const stations[] = {
    "lead", "customer", "mql", "opportunity", "former", "subscriber", NULL};

static const char *const tags[] = {"newsletter", "fair-2025", "vip", "webinar",
    "partner", "trial", "cold", "print", NULL};

static const char *const labels[] = {
    "beta", "events", "referral", "churn", "export", NULL};

static const char *const types[] = {
    "call", "email", "meeting", "visit", "note", "message", NULL};

static const char *const channels[] = {
    "phone", "email", "video", "visit", "web", "chat", NULL};

static const char *const directions[] = {"in", "out", NULL};

static const char *const moods[] = {"0", "1", "-1", "2", "-2", "", NULL};

static const char *const priorities[] = {
    "normal", "high", "low", "urgent", NULL};

static const char *const stages[] = {
    "new", "qualified", "proposal", "negotiation", "won", "lost", NULL};

static const char *const talk[] = {"offer", "sent", "asked", "about", "price",
    "delivery", "for", "the", "a", "next", "week", "demo", "invoice", "again",
    "Rückruf", "Angebot", "geprüft", "wants", "sample", "by", "Friday", "no",
    "answer", "left", "message", "budget", "approved", "spoke", "with", "für",
    "Termin", "renewal", "contract", "complaint", "settled", "not", "before",
    "summer", "decision", "needs", "discount", "möchte", "Muster", "später",
    NULL};

#endif
