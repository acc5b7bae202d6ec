using Net.Pkcs11Interop.Common;
using Net.Pkcs11Interop.HighLevelAPI;

namespace CaServer.Hsm.Pkcs11;

/// <summary>Attributes to make or find an object with; owns their native memory.</summary>
internal sealed class AttributeTemplate(Pkcs11InteropFactories factories) : IDisposable
{
    /// <summary>The attributes.</summary>
    public List<IObjectAttribute> Attributes { get; } = [];

    public AttributeTemplate Add(CKA type, bool value) => Add(factories.ObjectAttributeFactory.Create(type, value));

    public AttributeTemplate Add(CKA type, ulong value) => Add(factories.ObjectAttributeFactory.Create(type, value));

    /// <summary>Adds text as UTF-8.</summary>
    public AttributeTemplate Add(CKA type, string value) => Add(factories.ObjectAttributeFactory.Create(type, value));

    public AttributeTemplate Add(CKA type, byte[] value) => Add(factories.ObjectAttributeFactory.Create(type, value));

    /// <inheritdoc/>
    public void Dispose() => Attributes.ForEach(attribute => attribute.Dispose());

    private AttributeTemplate Add(IObjectAttribute attribute)
    {
        Attributes.Add(attribute);
        return this;
    }
}
