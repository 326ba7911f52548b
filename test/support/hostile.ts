/** What somebody may have named a partner or subscription to harm a page or a spreadsheet. */
export const HOSTILE = '<img src=x onerror=alert(1)>=1+1';
