using CaServer.Domain;

namespace CaServer.Validation;

/// <summary>An address that an e-mail about a name may go to.</summary>
/// <param name="Address">The address.</param>
/// <param name="Method">By which method that is.</param>
/// <param name="Domain">The domain whose contact it is: the name, or one above it.</param>
public sealed record DomainContact(EmailAddress Address, ValidationMethod Method, string Domain);

/// <summary>To whom an e-mail about a name may go.</summary>
/// <param name="Contacts">The addresses, those that records name first.</param>
/// <param name="Faults">What could not be looked up, a problem with two sentences each.</param>
public sealed record ContactsFound(IReadOnlyList<DomainContact> Contacts, IReadOnlyList<AcmeProblem> Faults);
