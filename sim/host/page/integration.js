// The Salesforce Console Integration Toolkit, as a softphone or a console component sees it: sforce.console. Answers come to the
// callback as an object with success.
sforce.console = toolkit('sforce.console', ['addEventListener', 'removeEventListener', 'fireEvent', 'openPrimaryTab', 'openSubtab',
  'focusPrimaryTabById', 'getFocusedPrimaryTabId', 'getFocusedPrimaryTabObjectId', 'getPrimaryTabIds', 'getPageInfo',
  'refreshPrimaryTabById', 'onFocusedPrimaryTab', 'setTabTitle', 'setTabUnsavedChanges', 'isInCustomConsoleComponent',
  'setCustomConsoleComponentButtonText', 'setCustomConsoleComponentVisible'], {
  isInConsole: () => window.name !== 'no console', // the one call that answers at once
  ConsoleEvent: Object.freeze({ OPEN_TAB: 'sforce.console.openTab', CLOSE_TAB: 'sforce.console.closeTab', CONSOLE_LOGOUT: 'sforce.console.logout' }),
});
