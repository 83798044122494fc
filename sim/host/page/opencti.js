// Open CTI for Lightning, as a softphone sees it: sforce.opencti. Answers come to the callback as {success, returnValue, errors}.
sforce.opencti = toolkit('sforce.opencti', ['screenPop', 'searchAndScreenPop', 'getAppViewInfo', 'getCallCenterSettings',
  'getSoftphoneLayout', 'isSoftphonePanelVisible', 'enableClickToDial', 'disableClickToDial', 'onClickToDial',
  'onNavigationChange', 'notifyInitializationComplete', 'refreshView', 'runApex', 'saveLog', 'setSoftphoneItemIcon',
  'setSoftphoneItemLabel', 'setSoftphonePanelHeight', 'setSoftphonePanelIcon', 'setSoftphonePanelLabel',
  'setSoftphonePanelVisibility', 'setSoftphonePanelWidth'], {
  SCREENPOP_TYPE: Object.freeze({ SOBJECT: 'sobject', URL: 'url', OBJECTHOME: 'objecthome', LIST: 'list', SEARCH: 'search', NEW_RECORD_MODAL: 'newRecordModal', FLOW: 'flow' }),
  CALL_TYPE: Object.freeze({ INBOUND: 'inbound', OUTBOUND: 'outbound', INTERNAL: 'internal' }),
});
