# crm.cli: crm --format csv export deals. Contacts and companies stand there
# by their ids.
profile	crm-cli-deals
title	crm.cli, deals
kind	deal
key	ext
match	id	title	value	stage	expected_close

columns
id	ext+	prefix crm.cli:
title	name
value	amount	number .
stage	stage	lower
	map "lead=new,qualified=qualified,proposal=proposal"
	map "negotiation=negotiation,closed-won=won,closed-lost=lost"
contacts	contact	split , first prefix crm.cli:
contacts	note+	with , label
company	org.ext	prefix crm.cli:
expected_close	close	date iso
probability	probability	number .
tags	tag+	split ,
custom_fields	note+	map {}= label
created_at	created	date iso
updated_at	-
