/* Made by `npm run words` from `src/words/en`. */

/** The placeholders of each sentence, by its key. */
export interface Placeholders {
  'badge.notConfigured': never;
  'badge.settingsUnread': never;
  'badge.permissionMissing': never;
  'badge.notSignedIn': never;
  'badge.portalsWithheld': never;
  'badge.problems': 'count';
  'badge.manyChanges': never;
  'check.box': never;
  'check.hint': never;
  'check.askedAt': 'source';
  'check.check': never;
  'check.stop': never;
  'check.rest': never;
  'check.clear': never;
  'check.copy': never;
  'check.export': never;
  'check.exported': 'file';
  'check.list': never;
  'check.tooLong': 'most';
  'check.nothingThere': never;
  'check.noRoomToBegin': never;
  'check.noRoom': never;
  'check.begun': 'count';
  'check.progress': never;
  'check.doneOf': 'done' | 'total';
  'check.mayClose': never;
  'check.goesOn': 'failure' | 'moment';
  'check.stopped': 'counts';
  'check.counts.found': 'count';
  'check.counts.unknown': 'count';
  'check.counts.notIds': 'count';
  'check.counts.failed': 'count';
  'check.counts.left': 'count';
  'check.counts.repeated': 'count';
  'check.counts.leftOut': 'count';
  'check.unknown': never;
  'check.unusualLength': never;
  'check.checking': never;
  'check.checkingAgain': never;
  'check.notChecked': never;
  'check.checkedAt': 'age';
  'check.problems.rounded': never;
  'check.problems.phoneNumber': never;
  'check.columns.partnerId': never;
  'check.columns.result': never;
  'check.columns.partner': never;
  'check.columns.location': never;
  'check.columns.detail': never;
  'check.results.found': never;
  'check.results.unknown': never;
  'check.results.notIds': never;
  'check.results.failed': never;
  'check.results.left': never;
  'confirm.title': never;
  'confirm.subscription': never;
  'confirm.now': never;
  'confirm.after': never;
  'confirm.nothing': never;
  'confirm.typed': never;
  'confirm.pressAgain': never;
  'confirm.close': never;
  'disclosure.customer': never;
  'disclosure.subscription': never;
  'disclosure.dates': never;
  'disclosure.usage': never;
  'disclosure.association': never;
  'disclosure.services': never;
  'extension.language': never;
  'extension.name': never;
  'extension.shortName': never;
  'extension.description': never;
  'failure.request': 'requestId' | 'sentence';
  'failure.serviceSaid': 'said' | 'sentence';
  'failure.providerSaid': 'said' | 'sentence';
  'failure.forSupport': 'sentence' | 'words';
  'failure.notConfigured': never;
  'failure.permissionMissing': never;
  'failure.keptOut': 'host';
  'failure.keptOutService': never;
  'failure.noAnswer': never;
  'failure.noAnswerOf': 'service';
  'failure.providerAway': never;
  'failure.providerGaveNoToken': never;
  'failure.timedOut': never;
  'failure.timedOutOf': 'service';
  'failure.redirected': never;
  'failure.unreadable': never;
  'failure.webPage': never;
  'failure.cutShort': never;
  'failure.fieldUnreadable': 'field';
  'failure.fieldUnexpected': 'field';
  'failure.linkElsewhere': never;
  'failure.tooLarge': never;
  'failure.busy': never;
  'failure.serverError': never;
  'failure.serverErrorStatus': 'status';
  'failure.signInAway': never;
  'failure.signInFailed': never;
  'failure.clockAhead': 'amount';
  'failure.clockBehind': 'amount';
  'failure.notSignedIn': never;
  'failure.signInRefused': never;
  'failure.otherPerson': never;
  'failure.refused': never;
  'failure.refusedStatus': 'status';
  'failure.wrongContract': never;
  'failure.otherVersion': 'own' | 'version';
  'failure.interrupted': never;
  'failure.gaveUp': never;
  'failure.connectionChanged': never;
  'failure.keyExpired': never;
  'failure.kindUnknown': never;
  'failure.codes.PartnerNotFound': never;
  'failure.codes.InvalidPartnerId': never;
  'failure.codes.SubscriptionNotFound': never;
  'failure.codes.NotPermitted': never;
  'help.title': never;
  'help.link': never;
  'help.version': 'version';
  'help.partnerId.question': never;
  'help.partnerId.answer': never;
  'help.who.question': never;
  'help.who.answer': 'everywhere' | 'onAzure';
  'help.whom.question': never;
  'help.whom.answer': never;
  'help.request.copy': never;
  'help.request.hint': never;
  'help.request.copied': never;
  'help.request.text': never;
  'help.request.subscriptionId': 'subscriptionId';
  'help.request.page': 'page';
  'help.request.service': 'service';
  'help.request.person': 'person';
  'help.shortcut.notSet': never;
  'help.shortcut.set': 'shortcut';
  'help.shortcut.open': never;
  'help.shortcut.elsewhere': never;
  'history.list': never;
  'history.search': never;
  'history.searchHint': never;
  'history.show': never;
  'history.groups.changes': never;
  'history.groups.checks': never;
  'history.groups.all': never;
  'history.from': never;
  'history.to': never;
  'history.dateProblems.notADate': never;
  'history.dateProblems.reversed': never;
  'history.type': never;
  'history.anyType': never;
  'history.types.check': never;
  'history.types.assign': never;
  'history.types.change': never;
  'history.types.remove': never;
  'history.types.foreign': never;
  'history.result': never;
  'history.anyResult': never;
  'history.results.open': never;
  'history.results.done': never;
  'history.results.refused': never;
  'history.results.conflict': never;
  'history.results.cancelled': never;
  'history.results.unknown': never;
  'history.results.found': never;
  'history.results.notFound': never;
  'history.results.failed': never;
  'history.what.check': never;
  'history.what.assign': never;
  'history.what.change': never;
  'history.what.remove': never;
  'history.what.foreign': never;
  'history.count.changes': 'count';
  'history.count.checks': 'count';
  'history.count.all': 'count';
  'history.matching.changes': 'count' | 'matching';
  'history.matching.checks': 'count' | 'matching';
  'history.matching.all': 'count' | 'matching';
  'history.empty.changes': never;
  'history.empty.checks': never;
  'history.empty.all': never;
  'history.nothingMatches': never;
  'history.clearFilters': never;
  'history.showMore': never;
  'history.updating': never;
  'history.damaged': 'count';
  'history.today': never;
  'history.yesterday': never;
  'history.exportCsv': never;
  'history.exportJson': never;
  'history.exported': 'count' | 'file';
  'history.columns.when': never;
  'history.columns.type': never;
  'history.columns.result': never;
  'history.columns.detail': never;
  'history.columns.subscription': never;
  'history.columns.subscriptionId': never;
  'history.columns.partnerIdBefore': never;
  'history.columns.partnerBefore': never;
  'history.columns.partnerId': never;
  'history.columns.partner': never;
  'history.columns.by': never;
  'history.columns.sentAs': never;
  'history.columns.connection': never;
  'history.columns.attempts': never;
  'history.columns.ended': never;
  'history.columns.page': never;
  'history.columns.id': never;
  'history.beforeAfter': 'after' | 'before';
  'history.askedBy': 'person';
  'history.askedAndSent': 'person' | 'sender';
  'history.sentAs': 'sender';
  'history.attempts': 'count';
  'history.foreign': never;
  'history.foreignBy': 'person';
  'history.unknownId': never;
  'history.otherNow.overwrite': 'partner';
  'history.otherNow.undo': 'partner';
  'history.noneNow.overwrite': never;
  'history.noneNow.undo': never;
  'kinds.service': never;
  'needsYou.title': never;
  'needsYou.asked.assign': 'after';
  'needsYou.asked.change': 'after' | 'before';
  'needsYou.asked.remove': 'before';
  'needsYou.askedByOther.assign': 'after' | 'person';
  'needsYou.askedByOther.change': 'after' | 'before' | 'person';
  'needsYou.askedByOther.remove': 'before' | 'person';
  'needsYou.seen': never;
  'needsYou.showAll': 'count';
  'needsYou.answered.signIn': never;
  'needsYou.answered.tryNow': never;
  'needsYou.answered.stop': never;
  'needsYou.answered.overwrite': never;
  'needsYou.answered.keep': never;
  'needsYou.answered.sendAsMe': never;
  'needsYou.answered.discard': never;
  'needsYou.answered.undo': never;
  'needsYou.answered.seen': never;
  'notifications.ended': 'name' | 'words';
  'options.title': never;
  'options.welcome': never;
  'options.welcomeWhat': never;
  'options.welcomeWhose': never;
  'options.welcomeNext': never;
  'options.welcomeManaged.none': 'name';
  'options.welcomeManaged.accessToken': 'name';
  'options.welcomeManaged.openIdConnect': 'name';
  'options.trouble.damaged': never;
  'options.trouble.save': never;
  'options.trouble.discard': never;
  'options.trouble.discarded': never;
  'options.trouble.policy': never;
  'options.connections': never;
  'options.connectionsHint': never;
  'options.isDefault': never;
  'options.allPortals': never;
  'options.edit': never;
  'options.makeDefault': never;
  'options.addConnection': never;
  'options.removeConnection': never;
  'options.removeConnectionText': never;
  'options.removeConnectionYes': never;
  'options.connectionRemoved': never;
  'options.kindUnknown': 'kind';
  'options.where': never;
  'options.how': never;
  'options.finish': never;
  'options.name': never;
  'options.nameHint': never;
  'options.serviceUrl': never;
  'options.serviceUrlMissing': never;
  'options.serviceUrlHint': never;
  'options.address': never;
  'options.addressMissing': never;
  'options.addressHint': never;
  'options.signIn': never;
  'options.signIns.none': never;
  'options.signIns.accessToken': never;
  'options.signIns.openIdConnect': never;
  'options.signInHints.none': never;
  'options.signInHints.accessToken': never;
  'options.signInHints.openIdConnect': never;
  'options.accessToken': never;
  'options.tokenStored': never;
  'options.tokenRefused': never;
  'options.tokenNone': never;
  'options.tokenMissing': never;
  'options.tokenUnreadable': never;
  'options.issuer': never;
  'options.issuerMissing': never;
  'options.issuerHint': never;
  'options.clientId': never;
  'options.clientIdHint': never;
  'options.redirectHint': never;
  'options.redirectCopy': never;
  'options.clientIdReordered': never;
  'options.clientIdMissing': never;
  'options.rememberSignInHint': never;
  'options.signInNow': never;
  'options.signOut': never;
  'options.signedInNow': never;
  'options.signedInAs': 'name';
  'options.useAnother': never;
  'options.scopes': 'scopes';
  'options.scopesTitle': never;
  'options.scopesQuestion': 'scopes';
  'options.scopesYes': never;
  'options.scopesDeclined': never;
  'options.scopesUndecided': 'scopes';
  'options.scopesChanged': 'scopes';
  'options.scopesAgree': never;
  'options.scopesAgreed': never;
  'options.scopesIgnored.otherResource': never;
  'options.scopesIgnored.unreadable': never;
  'options.sendResource': never;
  'options.sendResourceHint': never;
  'options.notSignedIn': never;
  'options.signInFailed': never;
  'options.signInAway': never;
  'options.signInNotAllowed': never;
  'options.signedOut': never;
  'options.signedOutHereOnly': never;
  'options.remember': never;
  'options.rememberHint': never;
  'options.notify': never;
  'options.notifyRefused': never;
  'options.test': never;
  'options.testing': never;
  'options.save': never;
  'options.saved': never;
  'options.savedBut.tokenRefused': never;
  'options.savedBut.signInRefused': never;
  'options.savedBut.notSignedIn': never;
  'options.savedBut.signInFailed': never;
  'options.savedBut.noAnswer': never;
  'options.savedBut.keptOut': never;
  'options.savedBut.webPage': never;
  'options.savedBut.cutShort': never;
  'options.savedBut.anotherService': never;
  'options.savedBut.wrongVersion': never;
  'options.savedBut.serviceProblem': never;
  'options.savedBut.refused': never;
  'options.savedBut.other': never;
  'options.rejected.token': never;
  'options.rejected.noAnswer': never;
  'options.rejected.webPage': never;
  'options.rejected.anotherService': never;
  'options.rejected.wrongVersion': never;
  'options.visit.notSignedIn': never;
  'options.visit.refused': never;
  'options.visit.notAllowed': never;
  'options.next.title': never;
  'options.next.example': 'name';
  'options.next.anyPage': never;
  'options.next.subscriptions': never;
  'options.next.pin': never;
  'options.serviceUrlProblems.notAnAddress': never;
  'options.serviceUrlProblems.notHttps': never;
  'options.serviceUrlProblems.hasSpaces': never;
  'options.serviceUrlProblems.reordered': never;
  'options.serviceUrlProblems.loopbackInBrackets': never;
  'options.serviceUrlProblems.hasCredentials': never;
  'options.serviceUrlProblems.hasQueryOrHash': never;
  'options.permissionRefused': 'origin';
  'options.steps': never;
  'options.step.address': never;
  'options.step.permission': never;
  'options.step.reachable': never;
  'options.step.contract': never;
  'options.step.signedIn': never;
  'options.permissionHeld': never;
  'options.permissionMissing': 'origin';
  'options.reachable': never;
  'options.reachableClockAhead': 'amount';
  'options.reachableClockBehind': 'amount';
  'options.contract': 'version';
  'options.signedIn': 'name' | 'organization';
  'options.signInCounts': never;
  'options.notReached': never;
  'options.passed': never;
  'options.failed': never;
  'options.testPassed': never;
  'options.testPassedUnsaved': never;
  'options.testFailed': never;
  'options.openChanges': never;
  'options.openChangesText': 'count';
  'options.giveUpChanges': never;
  'options.portals': never;
  'options.portalsHint': never;
  'options.ownPattern': never;
  'options.ownPatternHint': never;
  'options.madePattern': never;
  'options.madePatternHint': never;
  'options.addPortal': never;
  'options.ownPortals': never;
  'options.confirmAlways': never;
  'options.confirmAlwaysHint': never;
  'options.remove': never;
  'options.portalAdded': never;
  'options.portalRemoved': never;
  'options.portalKnown': never;
  'options.portalRefused': 'origin';
  'options.ownPatternProblems.notAPattern': never;
  'options.ownPatternProblems.notHttps': never;
  'options.ownPatternProblems.hasSpaces': never;
  'options.ownPatternProblems.reordered': never;
  'options.ownPatternProblems.loopbackInBrackets': never;
  'options.ownPatternProblems.hostNotLiteral': never;
  'options.ownPatternProblems.noSubscriptionIdGroup': never;
  'options.ownPatternProblems.severalSubscriptionIdGroups': never;
  'options.history': never;
  'options.historyHint': never;
  'options.keepDays': never;
  'options.keepRows': never;
  'options.notALimit': never;
  'options.saveHistory': never;
  'options.limitsSaved': never;
  'options.removeRows': never;
  'options.removeRowsText': 'count';
  'options.removeRowsYes': never;
  'options.clear': never;
  'options.clearTitle': never;
  'options.clearText': never;
  'options.clearYes': never;
  'options.cleared': 'count';
  'options.file': never;
  'options.fileHint': never;
  'options.exportSettings': never;
  'options.settingsExported': 'file';
  'options.chooseFile': never;
  'options.fileAddress': 'address' | 'problem';
  'options.fileUnreadable': never;
  'options.fileLater': never;
  'options.importName': 'address';
  'options.importReady': 'file';
  'options.importChanges': never;
  'options.importSignsOut': never;
  'options.importChangesNothing': 'file';
  'options.importRemoves': 'count';
  'options.nothing': never;
  'options.scopesName': never;
  'options.noLimit': never;
  'options.on': never;
  'options.off': never;
  'options.importSettings': never;
  'options.dismissFile': never;
  'options.unsavedTitle': never;
  'options.unsavedText': never;
  'options.unsavedYes': never;
  'options.importNotAllowed': never;
  'options.imported': never;
  'options.importedNotSignedIn': never;
  'options.importedWithoutLimits': never;
  'options.importedWithoutToken': never;
  'options.managedAddress': 'address' | 'problem';
  'options.managed': never;
  'pages.product': never;
  'pages.notConfigured': never;
  'pages.settingsUnread': never;
  'pages.openOptions': never;
  'pages.noPartner': never;
  'pages.nobody': never;
  'pages.read': 'age';
  'pages.readingSettings': never;
  'pages.tryAgain': never;
  'pages.cancel': never;
  'pages.whoseRecord': never;
  'pages.documentTitle': 'page';
  'pages.signIn': never;
  'pages.details': never;
  'pages.windows.busy': never;
  'pages.windows.tooMany': never;
  'pages.windows.cancelled': never;
  'pages.windows.failed': never;
  'pages.windows.providerAway': never;
  'pages.copied': never;
  'pages.notCopied': never;
  'pages.whomToAsk': 'contact';
  'panel.region': never;
  'panel.collapse': never;
  'panel.expand': never;
  'panel.move': never;
  'panel.none': never;
  'panel.since': 'date';
  'panel.by': 'name';
  'panel.change': never;
  'panel.stale': 'age';
  'panel.reading': never;
  'panel.gone': never;
  'panel.withheld': never;
  'panel.showPartner': never;
  'panel.confirmInExtension': never;
  'panel.confirmsAlways': never;
  'panel.checkInExtension': never;
  'panel.notConfigured': never;
  'panel.noStart': never;
  'panel.noAnswer': never;
  'panel.unsure': never;
  'panel.partnerId': never;
  'panel.usedBefore.assigned': never;
  'panel.usedBefore.checked': never;
  'panel.checkId': never;
  'panel.checking': 'partnerId';
  'panel.unusualLength': never;
  'panel.unknownPartner': 'partnerId';
  'panel.nameLater': never;
  'panel.same': never;
  'panel.willSee': never;
  'panel.mailAssigned': never;
  'panel.mailChanged': never;
  'panel.mailRemoved': 'partner';
  'panel.save': never;
  'panel.remove': never;
  'panel.removeTitle': never;
  'panel.removeText': never;
  'panel.yes': never;
  'panel.no': never;
  'panel.log.open': never;
  'panel.log.list': never;
  'panel.log.reading': never;
  'panel.log.failed': never;
  'panel.log.empty': never;
  'panel.log.whose': 'moment' | 'source';
  'panel.log.fromTo': 'after' | 'before';
  'panel.log.none': never;
  'panel.log.by': 'name';
  'panel.log.more': 'count';
  'panel.details.subscription': never;
  'panel.details.subscriptionId': never;
  'panel.details.source': never;
  'panel.details.read': never;
  'panel.details.request': never;
  'panel.details.forSupport': never;
  'panel.details.line': 'label' | 'value';
  'panel.details.copy': never;
  'panel.why': never;
  'panel.notPermitted': never;
  'panel.reason': 'reason';
  'panel.pressAgain': never;
  'panel.typedByOthers': never;
  'partnerId.empty': never;
  'partnerId.usageAttributionId': never;
  'partnerId.notDigits': never;
  'partnerId.tooShort': never;
  'partnerId.tooLong': never;
  'partnerId.reordered': never;
  'partnerId.several': never;
  'partnerId.grouped': never;
  'popup.tabs': never;
  'popup.more': never;
  'popup.attention': 'count';
  'popup.check': never;
  'popup.partner': never;
  'popup.noCheck': never;
  'popup.history': never;
  'popup.allSubscriptions': never;
  'popup.options': never;
  'popup.openInTab': never;
  'popup.here': never;
  'popup.reading': never;
  'popup.unknownPartner': never;
  'popup.noService': never;
  'popup.readFrom': 'age' | 'source';
  'popup.manyChanges': never;
  'popup.manyChangesSeen': never;
  'popup.keptOut': 'from';
  'popup.withheld': 'portals';
  'popup.allow': never;
  'popup.allowRefused': never;
  'popup.change': never;
  'popup.thisPageHost': never;
  'portals.azure': never;
  'portals.accountCentre': never;
  'portals.microsoft365Admin': never;
  'rights.roles.AccountAdministrator': never;
  'rights.roles.SubscriptionAdministrator': never;
  'rights.roles.Contributor': never;
  'rights.roles.ServiceAdministrator': never;
  'rights.roles.CoAdministrator': never;
  'rights.roles.DelegatedAdministrator': never;
  'rights.roles.Reader': never;
  'rights.why': 'may' | 'role';
  'rights.whyInLine': 'may' | 'role';
  'scopes.openid': never;
  'scopes.profile': never;
  'scopes.email': never;
  'scopes.offlineAccess': never;
  'scopes.other': 'scope';
  'services.azure': never;
  'services.office365': never;
  'services.crmOnline': never;
  'services.dynamics365': never;
  'services.intune': never;
  'services.ems': never;
  'standing.partner': 'name' | 'partnerId';
  'standing.saving': never;
  'standing.removing': never;
  'standing.stillTrying': never;
  'standing.waitsForSignIn': never;
  'standing.nextAttempt': 'moment';
  'standing.attemptUnderWay': never;
  'standing.askedBy': 'name';
  'standing.askedByUnknown': never;
  'standing.signedInAs': 'name';
  'standing.setsPartner': 'partner';
  'standing.removesPartner': never;
  'standing.otherHere': never;
  'standing.noConnection': never;
  'standing.settling': never;
  'standing.stopping': never;
  'standing.outcomeUnknown': never;
  'standing.looksAgain': 'when';
  'standing.looksOnceSignedIn': never;
  'standing.done': never;
  'standing.nowPartner': 'partner';
  'standing.nowPartnerUntold': 'partner';
  'standing.noLongerPartner': 'partner';
  'standing.noLongerPartnerUntold': 'partner';
  'standing.undone': 'name';
  'standing.undoneToNone': never;
  'standing.changed': never;
  'standing.removed': never;
  'standing.refused': never;
  'standing.unknown': never;
  'standing.thenPartner': 'partner';
  'standing.thenNone': never;
  'standing.conflict': 'partner';
  'standing.conflictRemoved': never;
  'standing.wanted': 'partner';
  'standing.wantedNone': never;
  'standing.kept': 'partner';
  'standing.keptNone': never;
  'standing.wasKept': never;
  'standing.overwritten': never;
  'standing.cancelled': never;
  'standing.acts.signIn': never;
  'standing.acts.tryNow': never;
  'standing.acts.stop': never;
  'standing.acts.overwrite': never;
  'standing.acts.keep': never;
  'standing.acts.sendAsMe': never;
  'standing.acts.discard': never;
  'standing.acts.undo': never;
  'standing.problems.notConfigured': never;
  'standing.problems.idUsedOtherwise': never;
  'standing.problems.nothingToChange': never;
  'standing.problems.neverRead': never;
  'standing.problems.readTimedOut': never;
  'standing.problems.notChecked': never;
  'standing.problems.storageFull': never;
  'standing.problems.notThere': never;
  'standing.problems.changedSince': never;
  'standing.problems.changeOpen': never;
  'standing.problems.confirmInExtension': never;
  'standing.problems.noAnswer': never;
  'standing.otherByNow': never;
  'storage.full': never;
  'storage.blocked': never;
  'storage.updating': never;
  'storage.newer': never;
  'storage.broken': never;
  'storage.settingsLater': never;
  'storage.other': never;
  'subscriptions.title': never;
  'subscriptions.filter': never;
  'subscriptions.filterHint': never;
  'subscriptions.columns.name': never;
  'subscriptions.columns.service': never;
  'subscriptions.columns.customer': never;
  'subscriptions.columns.partner': never;
  'subscriptions.columns.since': never;
  'subscriptions.columns.role': never;
  'subscriptions.loading': never;
  'subscriptions.showMore': never;
  'subscriptions.shown': 'count';
  'subscriptions.none': never;
  'subscriptions.notListed': 'source';
  'subscriptions.nothingFound': never;
  'subscriptions.readFrom': 'age' | 'source';
  'subscriptions.shownMore': 'count';
  'subscriptions.refresh': never;
  'subscriptions.soFar': 'count';
}

/** The sentences’ names in `_locales`. */
export const SENTENCE_IDS: readonly string[] = [
  'badge_notConfigured',
  'badge_settingsUnread',
  'badge_permissionMissing',
  'badge_notSignedIn',
  'badge_portalsWithheld',
  'badge_problems_one',
  'badge_problems_other',
  'badge_manyChanges',
  'check_box',
  'check_hint',
  'check_askedAt',
  'check_check',
  'check_stop',
  'check_rest',
  'check_clear',
  'check_copy',
  'check_export',
  'check_exported',
  'check_list',
  'check_tooLong',
  'check_nothingThere',
  'check_noRoomToBegin',
  'check_noRoom',
  'check_begun_one',
  'check_begun_other',
  'check_progress',
  'check_doneOf',
  'check_mayClose',
  'check_goesOn',
  'check_stopped',
  'check_counts_found_one',
  'check_counts_found_other',
  'check_counts_unknown_one',
  'check_counts_unknown_other',
  'check_counts_notIds_one',
  'check_counts_notIds_other',
  'check_counts_failed_one',
  'check_counts_failed_other',
  'check_counts_left_one',
  'check_counts_left_other',
  'check_counts_repeated_one',
  'check_counts_repeated_other',
  'check_counts_leftOut_one',
  'check_counts_leftOut_other',
  'check_unknown',
  'check_unusualLength',
  'check_checking',
  'check_checkingAgain',
  'check_notChecked',
  'check_checkedAt',
  'check_problems_rounded',
  'check_problems_phoneNumber',
  'check_columns_partnerId',
  'check_columns_result',
  'check_columns_partner',
  'check_columns_location',
  'check_columns_detail',
  'check_results_found',
  'check_results_unknown',
  'check_results_notIds',
  'check_results_failed',
  'check_results_left',
  'confirm_title',
  'confirm_subscription',
  'confirm_now',
  'confirm_after',
  'confirm_nothing',
  'confirm_typed',
  'confirm_pressAgain',
  'confirm_close',
  'disclosure_customer',
  'disclosure_subscription',
  'disclosure_dates',
  'disclosure_usage',
  'disclosure_association',
  'disclosure_services',
  'extension_language',
  'extension_name',
  'extension_shortName',
  'extension_description',
  'failure_request',
  'failure_serviceSaid',
  'failure_providerSaid',
  'failure_forSupport',
  'failure_notConfigured',
  'failure_permissionMissing',
  'failure_keptOut',
  'failure_keptOutService',
  'failure_noAnswer',
  'failure_noAnswerOf',
  'failure_providerAway',
  'failure_providerGaveNoToken',
  'failure_timedOut',
  'failure_timedOutOf',
  'failure_redirected',
  'failure_unreadable',
  'failure_webPage',
  'failure_cutShort',
  'failure_fieldUnreadable',
  'failure_fieldUnexpected',
  'failure_linkElsewhere',
  'failure_tooLarge',
  'failure_busy',
  'failure_serverError',
  'failure_serverErrorStatus',
  'failure_signInAway',
  'failure_signInFailed',
  'failure_clockAhead',
  'failure_clockBehind',
  'failure_notSignedIn',
  'failure_signInRefused',
  'failure_otherPerson',
  'failure_refused',
  'failure_refusedStatus',
  'failure_wrongContract',
  'failure_otherVersion',
  'failure_interrupted',
  'failure_gaveUp',
  'failure_connectionChanged',
  'failure_keyExpired',
  'failure_kindUnknown',
  'failure_codes_PartnerNotFound',
  'failure_codes_InvalidPartnerId',
  'failure_codes_SubscriptionNotFound',
  'failure_codes_NotPermitted',
  'help_title',
  'help_link',
  'help_version',
  'help_partnerId_question',
  'help_partnerId_answer',
  'help_who_question',
  'help_who_answer',
  'help_whom_question',
  'help_whom_answer',
  'help_request_copy',
  'help_request_hint',
  'help_request_copied',
  'help_request_text',
  'help_request_subscriptionId',
  'help_request_page',
  'help_request_service',
  'help_request_person',
  'help_shortcut_notSet',
  'help_shortcut_set',
  'help_shortcut_open',
  'help_shortcut_elsewhere',
  'history_list',
  'history_search',
  'history_searchHint',
  'history_show',
  'history_groups_changes',
  'history_groups_checks',
  'history_groups_all',
  'history_from',
  'history_to',
  'history_dateProblems_notADate',
  'history_dateProblems_reversed',
  'history_type',
  'history_anyType',
  'history_types_check',
  'history_types_assign',
  'history_types_change',
  'history_types_remove',
  'history_types_foreign',
  'history_result',
  'history_anyResult',
  'history_results_open',
  'history_results_done',
  'history_results_refused',
  'history_results_conflict',
  'history_results_cancelled',
  'history_results_unknown',
  'history_results_found',
  'history_results_notFound',
  'history_results_failed',
  'history_what_check',
  'history_what_assign',
  'history_what_change',
  'history_what_remove',
  'history_what_foreign',
  'history_count_changes_one',
  'history_count_changes_other',
  'history_count_checks_one',
  'history_count_checks_other',
  'history_count_all_one',
  'history_count_all_other',
  'history_matching_changes_one',
  'history_matching_changes_other',
  'history_matching_checks_one',
  'history_matching_checks_other',
  'history_matching_all_one',
  'history_matching_all_other',
  'history_empty_changes',
  'history_empty_checks',
  'history_empty_all',
  'history_nothingMatches',
  'history_clearFilters',
  'history_showMore',
  'history_updating',
  'history_damaged_one',
  'history_damaged_other',
  'history_today',
  'history_yesterday',
  'history_exportCsv',
  'history_exportJson',
  'history_exported_one',
  'history_exported_other',
  'history_columns_when',
  'history_columns_type',
  'history_columns_result',
  'history_columns_detail',
  'history_columns_subscription',
  'history_columns_subscriptionId',
  'history_columns_partnerIdBefore',
  'history_columns_partnerBefore',
  'history_columns_partnerId',
  'history_columns_partner',
  'history_columns_by',
  'history_columns_sentAs',
  'history_columns_connection',
  'history_columns_attempts',
  'history_columns_ended',
  'history_columns_page',
  'history_columns_id',
  'history_beforeAfter',
  'history_askedBy',
  'history_askedAndSent',
  'history_sentAs',
  'history_attempts_one',
  'history_attempts_other',
  'history_foreign',
  'history_foreignBy',
  'history_unknownId',
  'history_otherNow_overwrite',
  'history_otherNow_undo',
  'history_noneNow_overwrite',
  'history_noneNow_undo',
  'kinds_service',
  'needsYou_title',
  'needsYou_asked_assign',
  'needsYou_asked_change',
  'needsYou_asked_remove',
  'needsYou_askedByOther_assign',
  'needsYou_askedByOther_change',
  'needsYou_askedByOther_remove',
  'needsYou_seen',
  'needsYou_showAll_one',
  'needsYou_showAll_other',
  'needsYou_answered_signIn',
  'needsYou_answered_tryNow',
  'needsYou_answered_stop',
  'needsYou_answered_overwrite',
  'needsYou_answered_keep',
  'needsYou_answered_sendAsMe',
  'needsYou_answered_discard',
  'needsYou_answered_undo',
  'needsYou_answered_seen',
  'notifications_ended',
  'options_title',
  'options_welcome',
  'options_welcomeWhat',
  'options_welcomeWhose',
  'options_welcomeNext',
  'options_welcomeManaged_none',
  'options_welcomeManaged_accessToken',
  'options_welcomeManaged_openIdConnect',
  'options_trouble_damaged',
  'options_trouble_save',
  'options_trouble_discard',
  'options_trouble_discarded',
  'options_trouble_policy',
  'options_connections',
  'options_connectionsHint',
  'options_isDefault',
  'options_allPortals',
  'options_edit',
  'options_makeDefault',
  'options_addConnection',
  'options_removeConnection',
  'options_removeConnectionText',
  'options_removeConnectionYes',
  'options_connectionRemoved',
  'options_kindUnknown',
  'options_where',
  'options_how',
  'options_finish',
  'options_name',
  'options_nameHint',
  'options_serviceUrl',
  'options_serviceUrlMissing',
  'options_serviceUrlHint',
  'options_address',
  'options_addressMissing',
  'options_addressHint',
  'options_signIn',
  'options_signIns_none',
  'options_signIns_accessToken',
  'options_signIns_openIdConnect',
  'options_signInHints_none',
  'options_signInHints_accessToken',
  'options_signInHints_openIdConnect',
  'options_accessToken',
  'options_tokenStored',
  'options_tokenRefused',
  'options_tokenNone',
  'options_tokenMissing',
  'options_tokenUnreadable',
  'options_issuer',
  'options_issuerMissing',
  'options_issuerHint',
  'options_clientId',
  'options_clientIdHint',
  'options_redirectHint',
  'options_redirectCopy',
  'options_clientIdReordered',
  'options_clientIdMissing',
  'options_rememberSignInHint',
  'options_signInNow',
  'options_signOut',
  'options_signedInNow',
  'options_signedInAs',
  'options_useAnother',
  'options_scopes',
  'options_scopesTitle',
  'options_scopesQuestion',
  'options_scopesYes',
  'options_scopesDeclined',
  'options_scopesUndecided',
  'options_scopesChanged',
  'options_scopesAgree',
  'options_scopesAgreed',
  'options_scopesIgnored_otherResource',
  'options_scopesIgnored_unreadable',
  'options_sendResource',
  'options_sendResourceHint',
  'options_notSignedIn',
  'options_signInFailed',
  'options_signInAway',
  'options_signInNotAllowed',
  'options_signedOut',
  'options_signedOutHereOnly',
  'options_remember',
  'options_rememberHint',
  'options_notify',
  'options_notifyRefused',
  'options_test',
  'options_testing',
  'options_save',
  'options_saved',
  'options_savedBut_tokenRefused',
  'options_savedBut_signInRefused',
  'options_savedBut_notSignedIn',
  'options_savedBut_signInFailed',
  'options_savedBut_noAnswer',
  'options_savedBut_keptOut',
  'options_savedBut_webPage',
  'options_savedBut_cutShort',
  'options_savedBut_anotherService',
  'options_savedBut_wrongVersion',
  'options_savedBut_serviceProblem',
  'options_savedBut_refused',
  'options_savedBut_other',
  'options_rejected_token',
  'options_rejected_noAnswer',
  'options_rejected_webPage',
  'options_rejected_anotherService',
  'options_rejected_wrongVersion',
  'options_visit_notSignedIn',
  'options_visit_refused',
  'options_visit_notAllowed',
  'options_next_title',
  'options_next_example',
  'options_next_anyPage',
  'options_next_subscriptions',
  'options_next_pin',
  'options_serviceUrlProblems_notAnAddress',
  'options_serviceUrlProblems_notHttps',
  'options_serviceUrlProblems_hasSpaces',
  'options_serviceUrlProblems_reordered',
  'options_serviceUrlProblems_loopbackInBrackets',
  'options_serviceUrlProblems_hasCredentials',
  'options_serviceUrlProblems_hasQueryOrHash',
  'options_permissionRefused',
  'options_steps',
  'options_step_address',
  'options_step_permission',
  'options_step_reachable',
  'options_step_contract',
  'options_step_signedIn',
  'options_permissionHeld',
  'options_permissionMissing',
  'options_reachable',
  'options_reachableClockAhead',
  'options_reachableClockBehind',
  'options_contract',
  'options_signedIn',
  'options_signInCounts',
  'options_notReached',
  'options_passed',
  'options_failed',
  'options_testPassed',
  'options_testPassedUnsaved',
  'options_testFailed',
  'options_openChanges',
  'options_openChangesText_one',
  'options_openChangesText_other',
  'options_giveUpChanges',
  'options_portals',
  'options_portalsHint',
  'options_ownPattern',
  'options_ownPatternHint',
  'options_madePattern',
  'options_madePatternHint',
  'options_addPortal',
  'options_ownPortals',
  'options_confirmAlways',
  'options_confirmAlwaysHint',
  'options_remove',
  'options_portalAdded',
  'options_portalRemoved',
  'options_portalKnown',
  'options_portalRefused',
  'options_ownPatternProblems_notAPattern',
  'options_ownPatternProblems_notHttps',
  'options_ownPatternProblems_hasSpaces',
  'options_ownPatternProblems_reordered',
  'options_ownPatternProblems_loopbackInBrackets',
  'options_ownPatternProblems_hostNotLiteral',
  'options_ownPatternProblems_noSubscriptionIdGroup',
  'options_ownPatternProblems_severalSubscriptionIdGroups',
  'options_history',
  'options_historyHint',
  'options_keepDays',
  'options_keepRows',
  'options_notALimit',
  'options_saveHistory',
  'options_limitsSaved',
  'options_removeRows',
  'options_removeRowsText_one',
  'options_removeRowsText_other',
  'options_removeRowsYes',
  'options_clear',
  'options_clearTitle',
  'options_clearText',
  'options_clearYes',
  'options_cleared_one',
  'options_cleared_other',
  'options_file',
  'options_fileHint',
  'options_exportSettings',
  'options_settingsExported',
  'options_chooseFile',
  'options_fileAddress',
  'options_fileUnreadable',
  'options_fileLater',
  'options_importName',
  'options_importReady',
  'options_importChanges',
  'options_importSignsOut',
  'options_importChangesNothing',
  'options_importRemoves_one',
  'options_importRemoves_other',
  'options_nothing',
  'options_scopesName',
  'options_noLimit',
  'options_on',
  'options_off',
  'options_importSettings',
  'options_dismissFile',
  'options_unsavedTitle',
  'options_unsavedText',
  'options_unsavedYes',
  'options_importNotAllowed',
  'options_imported',
  'options_importedNotSignedIn',
  'options_importedWithoutLimits',
  'options_importedWithoutToken',
  'options_managedAddress',
  'options_managed',
  'pages_product',
  'pages_notConfigured',
  'pages_settingsUnread',
  'pages_openOptions',
  'pages_noPartner',
  'pages_nobody',
  'pages_read',
  'pages_readingSettings',
  'pages_tryAgain',
  'pages_cancel',
  'pages_whoseRecord',
  'pages_documentTitle',
  'pages_signIn',
  'pages_details',
  'pages_windows_busy',
  'pages_windows_tooMany',
  'pages_windows_cancelled',
  'pages_windows_failed',
  'pages_windows_providerAway',
  'pages_copied',
  'pages_notCopied',
  'pages_whomToAsk',
  'panel_region',
  'panel_collapse',
  'panel_expand',
  'panel_move',
  'panel_none',
  'panel_since',
  'panel_by',
  'panel_change',
  'panel_stale',
  'panel_reading',
  'panel_gone',
  'panel_withheld',
  'panel_showPartner',
  'panel_confirmInExtension',
  'panel_confirmsAlways',
  'panel_checkInExtension',
  'panel_notConfigured',
  'panel_noStart',
  'panel_noAnswer',
  'panel_unsure',
  'panel_partnerId',
  'panel_usedBefore_assigned',
  'panel_usedBefore_checked',
  'panel_checkId',
  'panel_checking',
  'panel_unusualLength',
  'panel_unknownPartner',
  'panel_nameLater',
  'panel_same',
  'panel_willSee',
  'panel_mailAssigned',
  'panel_mailChanged',
  'panel_mailRemoved',
  'panel_save',
  'panel_remove',
  'panel_removeTitle',
  'panel_removeText',
  'panel_yes',
  'panel_no',
  'panel_log_open',
  'panel_log_list',
  'panel_log_reading',
  'panel_log_failed',
  'panel_log_empty',
  'panel_log_whose',
  'panel_log_fromTo',
  'panel_log_none',
  'panel_log_by',
  'panel_log_more_one',
  'panel_log_more_other',
  'panel_details_subscription',
  'panel_details_subscriptionId',
  'panel_details_source',
  'panel_details_read',
  'panel_details_request',
  'panel_details_forSupport',
  'panel_details_line',
  'panel_details_copy',
  'panel_why',
  'panel_notPermitted',
  'panel_reason',
  'panel_pressAgain',
  'panel_typedByOthers',
  'partnerId_empty',
  'partnerId_usageAttributionId',
  'partnerId_notDigits',
  'partnerId_tooShort',
  'partnerId_tooLong',
  'partnerId_reordered',
  'partnerId_several',
  'partnerId_grouped',
  'popup_tabs',
  'popup_more',
  'popup_attention_one',
  'popup_attention_other',
  'popup_check',
  'popup_partner',
  'popup_noCheck',
  'popup_history',
  'popup_allSubscriptions',
  'popup_options',
  'popup_openInTab',
  'popup_here',
  'popup_reading',
  'popup_unknownPartner',
  'popup_noService',
  'popup_readFrom',
  'popup_manyChanges',
  'popup_manyChangesSeen',
  'popup_keptOut',
  'popup_withheld',
  'popup_allow',
  'popup_allowRefused',
  'popup_change',
  'popup_thisPageHost',
  'portals_azure',
  'portals_accountCentre',
  'portals_microsoft365Admin',
  'rights_roles_AccountAdministrator',
  'rights_roles_SubscriptionAdministrator',
  'rights_roles_Contributor',
  'rights_roles_ServiceAdministrator',
  'rights_roles_CoAdministrator',
  'rights_roles_DelegatedAdministrator',
  'rights_roles_Reader',
  'rights_why',
  'rights_whyInLine',
  'scopes_openid',
  'scopes_profile',
  'scopes_email',
  'scopes_offlineAccess',
  'scopes_other',
  'services_azure',
  'services_office365',
  'services_crmOnline',
  'services_dynamics365',
  'services_intune',
  'services_ems',
  'standing_partner',
  'standing_saving',
  'standing_removing',
  'standing_stillTrying',
  'standing_waitsForSignIn',
  'standing_nextAttempt',
  'standing_attemptUnderWay',
  'standing_askedBy',
  'standing_askedByUnknown',
  'standing_signedInAs',
  'standing_setsPartner',
  'standing_removesPartner',
  'standing_otherHere',
  'standing_noConnection',
  'standing_settling',
  'standing_stopping',
  'standing_outcomeUnknown',
  'standing_looksAgain',
  'standing_looksOnceSignedIn',
  'standing_done',
  'standing_nowPartner',
  'standing_nowPartnerUntold',
  'standing_noLongerPartner',
  'standing_noLongerPartnerUntold',
  'standing_undone',
  'standing_undoneToNone',
  'standing_changed',
  'standing_removed',
  'standing_refused',
  'standing_unknown',
  'standing_thenPartner',
  'standing_thenNone',
  'standing_conflict',
  'standing_conflictRemoved',
  'standing_wanted',
  'standing_wantedNone',
  'standing_kept',
  'standing_keptNone',
  'standing_wasKept',
  'standing_overwritten',
  'standing_cancelled',
  'standing_acts_signIn',
  'standing_acts_tryNow',
  'standing_acts_stop',
  'standing_acts_overwrite',
  'standing_acts_keep',
  'standing_acts_sendAsMe',
  'standing_acts_discard',
  'standing_acts_undo',
  'standing_problems_notConfigured',
  'standing_problems_idUsedOtherwise',
  'standing_problems_nothingToChange',
  'standing_problems_neverRead',
  'standing_problems_readTimedOut',
  'standing_problems_notChecked',
  'standing_problems_storageFull',
  'standing_problems_notThere',
  'standing_problems_changedSince',
  'standing_problems_changeOpen',
  'standing_problems_confirmInExtension',
  'standing_problems_noAnswer',
  'standing_otherByNow',
  'storage_full',
  'storage_blocked',
  'storage_updating',
  'storage_newer',
  'storage_broken',
  'storage_settingsLater',
  'storage_other',
  'subscriptions_title',
  'subscriptions_filter',
  'subscriptions_filterHint',
  'subscriptions_columns_name',
  'subscriptions_columns_service',
  'subscriptions_columns_customer',
  'subscriptions_columns_partner',
  'subscriptions_columns_since',
  'subscriptions_columns_role',
  'subscriptions_loading',
  'subscriptions_showMore',
  'subscriptions_shown_one',
  'subscriptions_shown_other',
  'subscriptions_none',
  'subscriptions_notListed',
  'subscriptions_nothingFound',
  'subscriptions_readFrom',
  'subscriptions_shownMore_one',
  'subscriptions_shownMore_other',
  'subscriptions_refresh',
  'subscriptions_soFar_one',
  'subscriptions_soFar_other',
];
