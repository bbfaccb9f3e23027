-- SPDX-License-Identifier: ISC
-- What .import left in in_... becomes tables with whole numbers as keys.
create table orgs(id integer primary key, name text unique, industry text);
insert into orgs(name, industry) select name, industry from in_orgs;
create table contacts(id integer primary key, ext text unique, name text,
	org integer references orgs(id), email text, phone text, street text,
	postcode text, city text, country text, lifecycle text, tag text,
	created text, value real, note text);
insert into contacts select cast(substr(c.ext, 5) as integer), c.ext, c.name,
	o.id, email, phone, street, postcode, city, country, lifecycle, tag,
	created, cast(value as real), note
	from in_contacts c left join orgs o on o.name = c.org;
create table activities(id integer primary key, ext text,
	contact integer references contacts(id), start text, type text,
	channel text, direction text, sentiment text, subject text, body text);
insert into activities select cast(substr(ext, 5) as integer), ext,
	cast(substr(contact, 5) as integer), start, type, channel, direction,
	sentiment, subject, body from in_activities;
create table orders(id integer primary key, ext text,
	contact integer references contacts(id), issued text, cents integer);
insert into orders select cast(substr(ext, 5) as integer), ext,
	cast(substr(contact, 5) as integer), issued,
	cast(replace(total, '.', '') as integer) from in_orders;
create table tasks(id integer primary key, ext text,
	contact integer references contacts(id), title text, due text,
	status text, priority text);
insert into tasks select cast(substr(ext, 5) as integer), ext,
	cast(substr(contact, 5) as integer), title, due, status, priority
	from in_tasks;
create table deals(id integer primary key, ext text, name text,
	contact integer references contacts(id), stage text, amount real);
insert into deals select cast(substr(ext, 4) as integer), ext, name,
	cast(substr(contact, 5) as integer), stage, cast(amount as real)
	from in_deals;
drop table in_contacts;
drop table in_orgs;
drop table in_activities;
drop table in_orders;
drop table in_tasks;
drop table in_deals;
create index orgs_industry on orgs(industry);
create index contacts_email on contacts(email);
create index contacts_phone on contacts(phone);
create index contacts_name on contacts(name);
create index contacts_org on contacts(org);
create index activities_contact on activities(contact, start);
create index orders_contact on orders(contact, issued, cents);
create index tasks_due on tasks(due) where status = 'todo';
create index deals_contact on deals(contact);
create index deals_stage on deals(stage, amount);
vacuum;
analyze;
