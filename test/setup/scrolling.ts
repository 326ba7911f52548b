/** jsdom draws nothing, so it has no scrolling either (29.1). */
Element.prototype.scrollIntoView = () => undefined;
