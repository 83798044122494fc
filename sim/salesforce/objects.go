package salesforce

// objects declares the org's objects: names, types, lengths and required fields from the Object Reference, each with
// the columns a call-centre integration meets. Picklist values are those of a new org.
func objects() []*object {
	return []*object{task(), contact(), lead(), account(), caseObject(), opportunity(), user(), campaign(), callLog()}
}

// task is the call log of Salesforce. The external id on it is inferred, see the package comment.
func task() *object {
	return define("Task", "Task", "Tasks", "00T",
		ref("WhoId", "Name ID", "Contact|Lead"),
		ref("WhatId", "Related To ID", "Account|Opportunity|Case|Campaign|Call_Log__c"),
		column("Subject", "Subject", typeString, 255, nameField),
		column("ActivityDate", "Due Date Only", typeDate, 0),
		pick("Status", "Status", "Not Started|In Progress|Completed|Waiting on someone else|Deferred", byDefault("Not Started")),
		pick("Priority", "Priority", "High|Normal|Low", byDefault("Normal")),
		flag("IsHighPriority", "High Priority", readOnly),
		ref("OwnerId", "Assigned To ID", "User"),
		longText("Description", "Description", 32000),
		flag("IsClosed", "Closed", readOnly),
		ref("AccountId", "Account ID", "Account", readOnly),
		column("CallDurationInSeconds", "Call Duration", typeInt, 8),
		pick("CallType", "Call Type", "Internal|Inbound|Outbound", restricted),
		text("CallDisposition", "Call Result", 255),
		text("CallObject", "Call Object Identifier", 255, indexed),
		pick("TaskSubtype", "Task Subtype", "Task|Email|ListEmail|Cadence|Call|LinkedIn", restricted, createOnly, byDefault("Task")),
		pick("Type", "Type", "Call|Meeting|Other"),
		column("CompletedDateTime", "Completed Date", typeDateTime, 0, readOnly),
		column("ReminderDateTime", "Reminder Date/Time", typeDateTime, 0),
		flag("IsReminderSet", "Reminder Set"),
		recordKey())
}

func contact() *object {
	return define("Contact", "Contact", "Contacts", "003",
		ref("AccountId", "Account ID", "Account"),
		text("LastName", "Last Name", 80, required, nameField),
		text("FirstName", "First Name", 40, nameField),
		pick("Salutation", "Salutation", "Mr.|Ms.|Mrs.|Dr.|Prof.|Mx."),
		text("Name", "Full Name", 121, readOnly, nameField),
		column("MailingStreet", "Mailing Street", typeText, 255),
		text("MailingCity", "Mailing City", 40),
		text("MailingState", "Mailing State/Province", 80),
		text("MailingPostalCode", "Mailing Zip/Postal Code", 20),
		text("MailingCountry", "Mailing Country", 80),
		phone("Phone", "Business Phone"), phone("Fax", "Business Fax"), phone("MobilePhone", "Mobile Phone"),
		phone("HomePhone", "Home Phone"), phone("OtherPhone", "Other Phone"), phone("AssistantPhone", "Asst. Phone"),
		column("Email", "Email", typeEmail, 80, indexed),
		text("Title", "Title", 128), text("Department", "Department", 80),
		pick("LeadSource", "Lead Source", "Web|Phone Inquiry|Partner Referral|Purchased List|Other"),
		column("Birthdate", "Birthdate", typeDate, 0),
		longText("Description", "Contact Description", 32000),
		ref("OwnerId", "Owner ID", "User"),
		flag("HasOptedOutOfEmail", "Email Opt Out"), flag("DoNotCall", "Do Not Call"),
		recordKey(unique))
}

func lead() *object {
	return define("Lead", "Lead", "Leads", "00Q",
		text("LastName", "Last Name", 80, required, nameField),
		text("FirstName", "First Name", 40, nameField),
		pick("Salutation", "Salutation", "Mr.|Ms.|Mrs.|Dr.|Prof.|Mx."),
		text("Name", "Full Name", 121, readOnly, nameField),
		text("Title", "Title", 128),
		text("Company", "Company", 255, required, nameField),
		text("City", "City", 40), text("State", "State/Province", 80), text("Country", "Country", 80),
		phone("Phone", "Phone"), phone("MobilePhone", "Mobile Phone"), phone("Fax", "Fax"),
		column("Email", "Email", typeEmail, 80, indexed),
		column("Website", "Website", typeURL, 255),
		longText("Description", "Description", 32000),
		pick("LeadSource", "Lead Source", "Web|Phone Inquiry|Partner Referral|Purchased List|Other"),
		pick("Status", "Status", "Open - Not Contacted|Working - Contacted|Closed - Converted|Closed - Not Converted", byDefault("Open - Not Contacted")),
		pick("Rating", "Rating", "Hot|Warm|Cold"),
		ref("OwnerId", "Owner ID", "User"),
		flag("IsConverted", "Converted", readOnly), flag("DoNotCall", "Do Not Call"),
		recordKey(unique))
}

func account() *object {
	return define("Account", "Account", "Accounts", "001",
		text("Name", "Account Name", 255, required, nameField),
		pick("Type", "Account Type", "Prospect|Customer - Direct|Customer - Channel|Other"),
		ref("ParentId", "Parent Account ID", "Account"),
		text("BillingCity", "Billing City", 40), text("BillingCountry", "Billing Country", 80),
		phone("Phone", "Account Phone"), phone("Fax", "Account Fax"),
		text("AccountNumber", "Account Number", 40, indexed),
		column("Website", "Website", typeURL, 255),
		pick("Industry", "Industry", "Banking|Insurance|Retail|Technology|Other"),
		column("AnnualRevenue", "Annual Revenue", typeCurrency, 18),
		column("NumberOfEmployees", "Employees", typeInt, 8),
		longText("Description", "Account Description", 32000),
		ref("OwnerId", "Owner ID", "User"),
		recordKey(unique))
}

func caseObject() *object {
	return define("Case", "Case", "Cases", "500",
		text("CaseNumber", "Case Number", 30, readOnly, indexed),
		ref("ContactId", "Contact ID", "Contact"),
		ref("AccountId", "Account ID", "Account"),
		text("SuppliedName", "Name", 80), column("SuppliedEmail", "Email Address", typeEmail, 80),
		text("SuppliedPhone", "Phone", 40),
		pick("Type", "Case Type", "Question|Problem|Feature Request"),
		pick("Status", "Status", "New|Working|Escalated|Closed", byDefault("New")),
		pick("Reason", "Case Reason", "Installation|Billing|Feedback|Other"),
		pick("Origin", "Case Origin", "Phone|Email|Web"),
		text("Subject", "Subject", 255, nameField),
		pick("Priority", "Priority", "High|Medium|Low", byDefault("Medium")),
		longText("Description", "Description", 32000),
		flag("IsClosed", "Closed", readOnly),
		ref("OwnerId", "Owner ID", "User"),
		recordKey(unique))
}

func opportunity() *object {
	return define("Opportunity", "Opportunity", "Opportunities", "006",
		ref("AccountId", "Account ID", "Account"),
		text("Name", "Name", 120, required, nameField),
		longText("Description", "Description", 32000),
		pick("StageName", "Stage", "Prospecting|Qualification|Needs Analysis|Proposal/Price Quote|Negotiation/Review|Closed Won|Closed Lost", required),
		column("Amount", "Amount", typeCurrency, 18),
		column("Probability", "Probability (%)", typeDouble, 3),
		column("CloseDate", "Close Date", typeDate, 0, required),
		pick("Type", "Opportunity Type", "New Business|Existing Business"),
		text("NextStep", "Next Step", 255),
		pick("LeadSource", "Lead Source", "Web|Phone Inquiry|Partner Referral|Purchased List|Other"),
		flag("IsClosed", "Closed", readOnly), flag("IsWon", "Won", readOnly),
		ref("CampaignId", "Campaign ID", "Campaign"),
		ref("OwnerId", "Owner ID", "User"),
		recordKey(unique))
}

func user() *object {
	return define("User", "User", "Users", "005",
		column("Username", "Username", typeString, 80, required, unique, indexed),
		text("LastName", "Last Name", 80, required, nameField),
		text("FirstName", "First Name", 40, nameField),
		text("Name", "Full Name", 121, readOnly, nameField),
		column("Email", "Email", typeEmail, 128, required, indexed),
		text("Alias", "Alias", 8, required),
		text("FederationIdentifier", "SAML Federation ID", 512, unique, indexed),
		text("EmployeeNumber", "Employee Number", 20, indexed),
		phone("Phone", "Phone"), phone("MobilePhone", "Mobile"), text("Extension", "Extension", 40, indexed),
		flag("IsActive", "Active"),
		pick("UserType", "User Type", "Standard", readOnly, byDefault("Standard")),
		ref("ProfileId", "Profile ID", "Profile"))
}

func campaign() *object {
	return define("Campaign", "Campaign", "Campaigns", "701",
		text("Name", "Name", 80, required, nameField),
		pick("Type", "Type", "Telemarketing|Email|Other"),
		pick("Status", "Status", "Planned|In Progress|Completed|Aborted", byDefault("Planned")),
		column("StartDate", "Start Date", typeDate, 0), column("EndDate", "End Date", typeDate, 0),
		flag("IsActive", "Active"),
		longText("Description", "Description", 32000),
		ref("OwnerId", "Owner ID", "User"))
}

// callLog is the custom object an administrator adds when Task cannot carry the external id.
func callLog() *object {
	return define("Call_Log__c", "Call Log", "Call Logs", "a00",
		text("Name", "Call Log Name", 80, nameField),
		ref("Contact__c", "Contact", "Contact"),
		ref("Lead__c", "Lead", "Lead"), ref("Account__c", "Account", "Account"), ref("Agent__c", "Agent", "User"),
		text("Call__c", "Call", 255), phone("Phone__c", "Phone"), text("Status__c", "Status", 40),
		pick("Direction__c", "Direction", "Inbound|Outbound|Internal"),
		text("Disposition__c", "Disposition", 255),
		text("Campaign__c", "Campaign", 255),
		column("Started_At__c", "Started At", typeDateTime, 0),
		column("Ended_At__c", "Ended At", typeDateTime, 0),
		column("Talk_Seconds__c", "Talk Seconds", typeDouble, 18),
		longText("Notes__c", "Notes", 32000),
		ref("OwnerId", "Owner ID", "User"),
		recordKey(unique))
}
