# Salesforce: Data Export (Opportunity.csv), Data Loader, API names.
profile	salesforce-opportunities
title	Salesforce, Opportunity
kind	deal
key	ext
match	Id	StageName	CloseDate

columns
Id	ext+	id18 prefix salesforce:
Name	name
AccountId	org.ext	id18 prefix salesforce:
Account.Name	org.name
ContactId	contact	id18 prefix salesforce:
Amount	amount	number .
CurrencyIsoCode	currency
StageName	stage	lower
	map "prospecting=new,qualification=qualified,needs analysis=qualified"
	map "value proposition=qualified,id. decision makers=qualified"
	map "perception analysis=qualified,proposal/price quote=proposal"
	map "negotiation/review=negotiation,closed won=won,closed lost=lost"
Probability	probability	number .
CloseDate	close	date iso
NextStep	next
Type	note+	label
LeadSource	source	lower
	map "phone inquiry=call,partner referral=referral,word of mouth=referral"
	map "employee referral=referral,external referral=referral"
	map "purchased list=other,trade show=event,seminar=event"
	map "advertisement=campaign,public relations=campaign"
CampaignId	note+	id18 prefix salesforce: label
Description	note+	join "\n"
ForecastCategory	-
ForecastCategoryName	-
ExpectedRevenue	-
TotalOpportunityQuantity	note+	label
IsClosed	-
IsWon	-
IsPrivate	note+	bool map no= label
HasOpportunityLineItem	-
HasOpenActivity	-
HasOverdueTask	-
Pricebook2Id	-
Fiscal	-
FiscalQuarter	-
FiscalYear	-
LastAmountChangedHistoryId	-
LastCloseDateChangedHistoryId	-
LastStageChangeDate	-
Owner.Name	owner
OwnerId	owner	id18 else
CreatedDate	created	date iso
CreatedById	-
LastModifiedDate	-
LastModifiedById	-
SystemModstamp	-
LastActivityDate	-
LastViewedDate	-
LastReferencedDate	-
IsDeleted	-
