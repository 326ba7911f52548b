/** The partners of the demo that the specs use. */
export const FABRIKAM = { partnerId: '4852013', name: 'Fabrikam Cloud Services' };
export const NORTHWIND = { partnerId: '5120846', name: 'Northwind Consulting' };
export const ADATUM = { partnerId: '6003917', name: 'Adatum Digital' };
/** Its name tries to be markup and a formula. */
export const HOSTILE = { partnerId: '9999999', name: '<img src=x onerror=alert(1)>=1+1' };
