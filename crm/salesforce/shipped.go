package salesforce

import "slices"

// PermissionSet is the permission set of the shipped package that gives the server's user all it needs.
const PermissionSet = "Cordboard_Integration"

const shippedIn = "salesforce/force-app/main/default"

// ShippedFields returns the custom fields that the shipped package has for records, by object as the API names it.
func ShippedFields() map[string][]string {
	const key = "Cordboard_Key__c"
	return map[string][]string{
		"Task": {key}, "Contact": {key}, "Lead": {key}, "Account": {key}, "Case": {key}, "Opportunity": {key},
		"Call_Log__c": {
			key, "Account__c", "Agent__c", "Call__c", "Campaign__c", "Contact__c", "Direction__c", "Disposition__c", "Ended_At__c", "Lead__c",
			"Notes__c", "Phone__c", "Started_At__c", "Status__c", "Talk_Seconds__c",
		},
	}
}

// FieldFile returns the file of the shipped package that defines a field, "" when none does. Tasks have the custom fields
// of activities ("Activities", Object Reference).
func FieldFile(object, field string) string {
	if !slices.Contains(ShippedFields()[object], field) {
		return ""
	}
	return shippedIn + "/objects/" + definedOn(object) + "/fields/" + field + ".field-meta.xml"
}

// definedOn is the object on which an administrator finds the custom fields of another.
func definedOn(object string) string {
	if object == "Task" || object == "Event" {
		return "Activity"
	}
	return object
}
