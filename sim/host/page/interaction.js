// Open CTI for Salesforce Classic, as a softphone sees it: sforce.interaction. Answers come to the callback as {result, error}.
sforce.interaction = toolkit('sforce.interaction', ['getPageInfo', 'isInConsole', 'isVisible', 'notifyInitializationComplete',
  'onFocus', 'refreshPage', 'refreshRelatedList', 'reloadFrame', 'runApex', 'saveLog', 'screenPop', 'searchAndGetScreenPopUrl',
  'searchAndScreenPop', 'setVisible'], {
  cti: toolkit('sforce.interaction.cti', ['disableClickToDial', 'enableClickToDial', 'getCallCenterSettings', 'getDirectoryNumbers',
    'getSoftphoneLayout', 'onClickToDial', 'setSoftphoneHeight', 'setSoftphoneWidth']),
});
